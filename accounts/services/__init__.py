"""Everything that other layers may ask of accounts."""

from accounts.services.account import account_change, account_show
from accounts.services.address import address_add, address_check, address_drop, address_open, address_rename, name_check
from accounts.services.audit_checkpoint import checkpoint_make, checkpoints_make
from accounts.services.audit_verify import ChainReport, Finding, chain_verify, checkpoints_known
from accounts.services.connection import (
    connection_end,
    connection_propose,
    connection_resume,
    connection_suspend,
    proposal_decide,
    proposal_withdraw,
)
from accounts.services.connection_terms import connections_show, sender_allowed, terms_change
from accounts.services.depositor import depositor_create, depositor_keys, depositor_retire, request_of
from accounts.services.enrolment import enrolment_finish, enrolment_key, enrolment_view, user_invite
from accounts.services.event_record import chains_lock, event_record
from accounts.services.group import (
    group_change,
    group_create,
    group_delete,
    group_list,
    group_member_remove,
    group_members_add,
    group_show,
)
from accounts.services.guest import (
    address_mailable,
    guest_create,
    guest_issue,
    guest_link,
    guest_links_withdraw,
    guest_prove,
    guests_refusal,
    guests_rule,
)
from accounts.services.handshake import FinishedHandshake, handshake_finish, handshake_start
from accounts.services.notification import notification_prefer, notification_preferences, notify
from accounts.services.notification_send import notifications_send
from accounts.services.operator_acts import backoff_clear, notification_retry
from accounts.services.operator_views import operator_viewed
from accounts.services.password_change import password_change
from accounts.services.quota import people_count, people_counts, requests_check, requests_count
from accounts.services.reissue import reissue_approve, reissue_decline, reissue_request
from accounts.services.request_authenticate import request_authenticate
from accounts.services.rules_change import (
    platform_rules_change,
    policy_change,
    policy_change_operator,
    quotas_change,
)
from accounts.services.second_factor import (
    second_factor_begin,
    second_factor_check,
    second_factor_confirm,
    second_factor_remove,
    second_factor_show,
)
from accounts.services.security_key import (
    security_key_begin,
    security_key_challenge,
    security_key_confirm,
    security_key_list,
    security_key_remove,
    security_key_rename,
)
from accounts.services.session import session_end, session_list
from accounts.services.team import role_change, user_sign_out
from accounts.services.team_invite import invitation_resend, person_invite, person_issue
from accounts.services.team_list import person_show, team_list
from accounts.services.tenant_create import connection_create, demo_create, tenant_create
from accounts.services.tenant_life import (
    tenant_close,
    tenant_closed,
    tenant_open_check,
    tenant_resume,
    tenant_rows_destroy,
    tenant_suspend,
)
from accounts.services.user_create import Issued, user_issue
from accounts.services.user_remove import user_lock, user_remove

__all__ = [
    "ChainReport",
    "Finding",
    "FinishedHandshake",
    "Issued",
    "account_change",
    "account_show",
    "address_add",
    "address_check",
    "address_drop",
    "address_mailable",
    "address_open",
    "address_rename",
    "backoff_clear",
    "chain_verify",
    "chains_lock",
    "checkpoint_make",
    "checkpoints_known",
    "checkpoints_make",
    "connection_create",
    "connection_end",
    "connection_propose",
    "connection_resume",
    "connection_suspend",
    "connections_show",
    "demo_create",
    "depositor_create",
    "depositor_keys",
    "depositor_retire",
    "enrolment_finish",
    "enrolment_key",
    "enrolment_view",
    "event_record",
    "group_change",
    "group_create",
    "group_delete",
    "group_list",
    "group_member_remove",
    "group_members_add",
    "group_show",
    "guest_create",
    "guest_issue",
    "guest_link",
    "guest_links_withdraw",
    "guest_prove",
    "guests_refusal",
    "guests_rule",
    "handshake_finish",
    "handshake_start",
    "invitation_resend",
    "name_check",
    "notification_prefer",
    "notification_preferences",
    "notification_retry",
    "notifications_send",
    "notify",
    "operator_viewed",
    "password_change",
    "people_count",
    "people_counts",
    "person_invite",
    "person_issue",
    "person_show",
    "platform_rules_change",
    "policy_change",
    "policy_change_operator",
    "proposal_decide",
    "proposal_withdraw",
    "quotas_change",
    "reissue_approve",
    "reissue_decline",
    "reissue_request",
    "request_authenticate",
    "request_of",
    "requests_check",
    "requests_count",
    "role_change",
    "second_factor_begin",
    "second_factor_check",
    "second_factor_confirm",
    "second_factor_remove",
    "second_factor_show",
    "security_key_begin",
    "security_key_challenge",
    "security_key_confirm",
    "security_key_list",
    "security_key_remove",
    "security_key_rename",
    "sender_allowed",
    "session_end",
    "session_list",
    "team_list",
    "tenant_close",
    "tenant_closed",
    "tenant_create",
    "tenant_open_check",
    "tenant_resume",
    "tenant_rows_destroy",
    "tenant_suspend",
    "terms_change",
    "user_invite",
    "user_issue",
    "user_lock",
    "user_remove",
    "user_sign_out",
]
