"""Everything that the portal and the workers may ask of the exchange."""

from exchange.services.archive import inbox_archive, outbox_archive
from exchange.services.audit_export import audit_export, audit_export_operator, audit_export_page
from exchange.services.audit_list import (
    AuditFilters,
    audit_checkpoints,
    audit_filters,
    audit_list,
    audit_people,
)
from exchange.services.contacts import contacts_search
from exchange.services.deposits import deposit_create, deposit_place, deposit_show
from exchange.services.enrolment import enrolment_complete
from exchange.services.expiry import deliveries_expire
from exchange.services.expiry_warning import expiries_warn
from exchange.services.extend import message_extend
from exchange.services.guests import address_prove, guest_passphrase, outsider_invite_again, outsider_withdraw
from exchange.services.hold import hold_lift, hold_place
from exchange.services.inbox import inbox_list, inbox_page, inbox_show
from exchange.services.job_control import (
    deposit_retry,
    job_cancel,
    job_cancel_operator,
    job_retry,
    job_retry_operator,
    jobs_sweep,
)
from exchange.services.job_run import job_run
from exchange.services.job_turn import job_turn_run
from exchange.services.jobs import job_list, job_show
from exchange.services.limits import limits_show, me_show
from exchange.services.mailbox import mailbox_change, mailbox_create
from exchange.services.mailbox_member import mailbox_member_add, mailbox_member_change, mailbox_member_remove
from exchange.services.mailbox_read import mailbox_show, mailboxes_all, mailboxes_mine, mailboxes_shared
from exchange.services.message_send import message_send
from exchange.services.orphans import orphans_erase
from exchange.services.outbox import outbox_list, outbox_show
from exchange.services.person_remove import invitation_withdraw, person_leave, person_remove
from exchange.services.pipelines import (
    pipeline_change,
    pipeline_create,
    pipeline_list,
    pipeline_retire,
    pipeline_show,
)
from exchange.services.policy import platform_rules_change, policy_change, policy_show
from exchange.services.recall import message_recall
from exchange.services.recipients import recipients_check
from exchange.services.recipients_add import recipients_add
from exchange.services.remind import message_remind
from exchange.services.requests import (
    mailboxes_for_requests,
    request_close,
    request_create,
    request_extend,
    request_list,
    request_show,
    requests_expire,
)
from exchange.services.retention import retention_erase
from exchange.services.runs import run_create
from exchange.services.steps_list import steps_list
from exchange.services.switches import switch_off, switch_on
from exchange.services.tenant_end import tenants_end
from exchange.services.transfer import ContentAnswer, transfer_content, transfer_create, transfer_received
from exchange.services.upload import upload_complete, upload_create, upload_discard, upload_show, uploads_expire
from exchange.services.upload_part import upload_part_store
from exchange.services.usage import usage_show
from exchange.services.waiting import waiting_deliver

__all__ = [
    "AuditFilters",
    "ContentAnswer",
    "address_prove",
    "audit_checkpoints",
    "audit_export",
    "audit_export_operator",
    "audit_export_page",
    "audit_filters",
    "audit_list",
    "audit_people",
    "contacts_search",
    "deliveries_expire",
    "deposit_create",
    "deposit_place",
    "deposit_retry",
    "deposit_show",
    "enrolment_complete",
    "expiries_warn",
    "guest_passphrase",
    "hold_lift",
    "hold_place",
    "inbox_archive",
    "inbox_list",
    "inbox_page",
    "inbox_show",
    "invitation_withdraw",
    "job_cancel",
    "job_cancel_operator",
    "job_list",
    "job_retry",
    "job_retry_operator",
    "job_run",
    "job_show",
    "job_turn_run",
    "jobs_sweep",
    "limits_show",
    "mailbox_change",
    "mailbox_create",
    "mailbox_member_add",
    "mailbox_member_change",
    "mailbox_member_remove",
    "mailbox_show",
    "mailboxes_all",
    "mailboxes_for_requests",
    "mailboxes_mine",
    "mailboxes_shared",
    "me_show",
    "message_extend",
    "message_recall",
    "message_remind",
    "message_send",
    "orphans_erase",
    "outbox_archive",
    "outbox_list",
    "outbox_show",
    "outsider_invite_again",
    "outsider_withdraw",
    "person_leave",
    "person_remove",
    "pipeline_change",
    "pipeline_create",
    "pipeline_list",
    "pipeline_retire",
    "pipeline_show",
    "platform_rules_change",
    "policy_change",
    "policy_show",
    "recipients_add",
    "recipients_check",
    "request_close",
    "request_create",
    "request_extend",
    "request_list",
    "request_show",
    "requests_expire",
    "retention_erase",
    "run_create",
    "steps_list",
    "switch_off",
    "switch_on",
    "tenants_end",
    "transfer_content",
    "transfer_create",
    "transfer_received",
    "upload_complete",
    "upload_create",
    "upload_discard",
    "upload_part_store",
    "upload_show",
    "uploads_expire",
    "usage_show",
    "waiting_deliver",
]
