"""Every service and selector, asked by an admin of one organisation with the ids of another's rows: nothing is told,
nothing changes. A name that is not in one of the tables fails."""

import hashlib
import inspect
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django_scopes import scope, scopes_disabled

import accounts.selectors
import accounts.services
import exchange.selectors
import exchange.services
from accounts.actor import admin_of
from accounts.models import Tenant, User
from accounts.peer import Peer
from accounts.tenancy import TenantModel
from exchange.services import AuditFilters
from sealpost.errors import SealpostError
from tests.portal.conftest import WORDS, World

pytestmark = pytest.mark.django_db
LAYERS = {"accounts": accounts, "exchange": exchange}
SCRUB = {"step": "file.scrub", "parameters": {}}

# Asked with another's ids: what must come of it. `p` are the other's places, `a` the asker.
FOREIGN: dict[str, tuple[Callable[[dict, Peer], dict[str, Any]], str]] = {
    "accounts.connection_end": (lambda p, a: {"connection_id": p["connection"]}, "not_found"),
    "accounts.connection_resume": (lambda p, a: {"connection_id": p["suspended"]}, "not_found"),
    "accounts.connection_suspend": (lambda p, a: {"connection_id": p["connection"]}, "not_found"),
    "accounts.terms_change": (
        lambda p, a: {"connection_id": p["connection"], "direction": "in", "members": {}}, "not_found",
    ),
    "accounts.proposal_decide": (lambda p, a: {"proposal_id": p["proposed"], "accept": True}, "not_found"),
    "accounts.proposal_withdraw": (lambda p, a: {"proposal_id": p["proposal"]}, "not_found"),
    "accounts.group_change": (lambda p, a: {"group_id": p["group"], "name": "x"}, "not_found"),
    "accounts.group_delete": (lambda p, a: {"group_id": p["group"]}, "not_found"),
    "accounts.group_member_remove": (lambda p, a: {"group_id": p["group"], "user_id": p["clerk"]}, "not_found"),
    "accounts.group_members_add": (lambda p, a: {"group_id": p["group"], "logins": [a.user.login]}, "not_found"),
    "accounts.group_show": (lambda p, a: {"group_id": p["group"]}, "not_found"),
    "accounts.invitation_resend": (lambda p, a: {"user_id": p["invited"], "origin": "https://x.example"}, "not_found"),
    "accounts.person_show": (lambda p, a: {"user_id": p["person"]}, "not_found"),
    "accounts.role_change": (lambda p, a: {"user_id": p["person"], "role": "admin"}, "not_found"),
    "accounts.security_key_remove": (
        lambda p, a: {"key_id": p["security_key"], "code": p["recovery_code"]}, "not_found",
    ),
    "accounts.security_key_rename": (lambda p, a: {"key_id": p["security_key"], "name": "x"}, "not_found"),
    "accounts.session_end": (lambda p, a: {"session_id": p["session"]}, "not_found"),
    "exchange.deposit_retry": (lambda p, a: {"request_id": p["request"], "deposit_id": p["message"]}, "not_found"),
    "exchange.deposit_show": (lambda p, a: {"deposit_id": p["message"]}, "not_found"),
    "exchange.hold_lift": (lambda p, a: {"hold_id": p["hold"], "reason": "x"}, "not_found"),
    "exchange.hold_place": (
        lambda p, a: {"kind": "person", "target": p["person"], "reason": "x"}, "hold_target_unknown",
    ),
    "exchange.inbox_archive": (lambda p, a: {"message_id": p["message"], "archived": True}, "not_found"),
    "exchange.inbox_list": (lambda p, a: {"mailbox": p["mailbox"]}, "not_found"),
    "exchange.inbox_page": (lambda p, a: {"mailbox": p["mailbox"]}, "not_found"),
    "exchange.inbox_show": (lambda p, a: {"message_id": p["message"]}, "not_found"),
    "exchange.invitation_withdraw": (lambda p, a: {"user_id": p["invited"]}, "not_found"),
    "exchange.job_cancel": (lambda p, a: {"message_id": p["message"]}, "not_found"),
    "exchange.job_retry": (lambda p, a: {"message_id": p["message"]}, "not_found"),
    "exchange.job_show": (lambda p, a: {"job_id": p["message"]}, "not_found"),
    "exchange.pipeline_change": (lambda p, a: {"pipeline_id": p["pipeline"], "name": "x"}, "not_found"),
    "exchange.pipeline_retire": (lambda p, a: {"pipeline_id": p["pipeline"]}, "not_found"),
    "exchange.pipeline_show": (lambda p, a: {"pipeline_id": p["pipeline"]}, "not_found"),
    "exchange.run_create": (
        lambda p, a: {"key": uuid4(), "documents": [p["received"]], "steps": [SCRUB]},
        "not_found",
    ),
    "exchange.mailbox_change": (lambda p, a: {"mailbox_id": p["mailbox"], "name": "x"}, "not_found"),
    "exchange.mailbox_member_add": (lambda p, a: {"mailbox_id": p["mailbox"], "login": a.user.login}, "not_found"),
    "exchange.mailbox_member_change": (
        lambda p, a: {"mailbox_id": p["mailbox"], "user_id": p["clerk"], "role": "admin"}, "not_found",
    ),
    "exchange.mailbox_member_remove": (
        lambda p, a: {"mailbox_id": p["mailbox"], "user_id": p["clerk"]}, "not_found",
    ),
    "exchange.mailbox_show": (lambda p, a: {"mailbox_id": p["mailbox"]}, "not_found"),
    "exchange.message_extend": (lambda p, a: {"message_id": p["message"], "expires_days": 20}, "not_found"),
    "exchange.message_recall": (lambda p, a: {"message_id": p["message"]}, "not_found"),
    "exchange.message_remind": (lambda p, a: {"message_id": p["message"]}, "not_found"),
    "exchange.message_send": (
        lambda p, a: {
            "key": uuid4(), "subject": "S", "note": "", "recipients": [a.user.login], "to_self": False,
            "uploads": [p["open_upload"]], "steps": [], "expires_days": 5,
        },
        "upload_incomplete",
    ),
    "exchange.outbox_archive": (lambda p, a: {"message_id": p["message"], "archived": True}, "not_found"),
    "exchange.outbox_show": (lambda p, a: {"message_id": p["message"]}, "not_found"),
    "exchange.outsider_invite_again": (lambda p, a: {"message_id": p["message"], "login": "x@y.example"}, "not_found"),
    "exchange.outsider_withdraw": (lambda p, a: {"message_id": p["message"], "login": "x@y.example"}, "not_found"),
    "exchange.person_remove": (lambda p, a: {"user_id": p["person"]}, "not_found"),
    "exchange.recipients_add": (lambda p, a: {"message_id": p["message"], "logins": [a.user.login]}, "not_found"),
    "exchange.request_close": (lambda p, a: {"request_id": p["request"]}, "not_found"),
    "exchange.request_create": (
        lambda p, a: {
            "title": "T", "note": "", "mailbox": p["mailbox"], "expires_days": 5, "deposits_most": 1, "files_most": 1,
            "bytes_most": 10,
        },
        "not_found",
    ),
    "exchange.request_extend": (lambda p, a: {"request_id": p["request"], "expires_days": 9}, "not_found"),
    "exchange.request_show": (lambda p, a: {"request_id": p["request"]}, "not_found"),
    "exchange.transfer_content": (lambda p, a: {"transfer_id": p["transfer"]}, "not_found"),
    "exchange.transfer_create": (lambda p, a: {"document_id": p["received"], "purpose": "save"}, "not_found"),
    "exchange.transfer_received": (lambda p, a: {"transfer_id": p["transfer"], "sha256": "0" * 64}, "not_found"),
    "exchange.upload_complete": (lambda p, a: {"upload_id": p["open_upload"]}, "upload_unknown"),
    "exchange.upload_discard": (lambda p, a: {"upload_id": p["open_upload"]}, "upload_unknown"),
    "exchange.upload_part_store": (
        lambda p, a: {"upload_id": p["open_upload"], "number": 0, "body": None, "length": 1}, "upload_unknown",
    ),
    "exchange.upload_show": (lambda p, a: {"upload_id": p["open_upload"]}, "upload_unknown"),
}  # fmt: skip
# By an Actor of another organisation.
ACTED = {"accounts.reissue_approve", "accounts.reissue_decline", "accounts.reissue_request", "accounts.user_sign_out"}
ACTED |= {"accounts.backoff_clear"}
# Without an id: what comes is the asker's own.
OWN: dict[str, dict[str, Any]] = {
    "accounts.account_show": {}, "accounts.connections_show": {}, "accounts.group_list": {},
    "accounts.guests_refusal": {}, "accounts.guests_rule": {}, "accounts.notification_preferences": {},
    "accounts.second_factor_show": {}, "accounts.security_key_list": {}, "accounts.session_list": {},
    "accounts.team_list": {},
    "exchange.audit_checkpoints": {}, "exchange.audit_export": {"filters": AuditFilters()},
    "exchange.audit_export_page": {"filters": AuditFilters()}, "exchange.audit_filters": {},
    "exchange.audit_list": {"filters": AuditFilters()}, "exchange.audit_people": {},
    "exchange.contacts_search": {"query": "e"}, "exchange.mailboxes_all": {}, "exchange.mailboxes_for_requests": {},
    "exchange.mailboxes_mine": {}, "exchange.mailboxes_shared": {}, "exchange.me_show": {},
    "exchange.outbox_list": {}, "exchange.job_list": {}, "exchange.pipeline_list": {}, "exchange.steps_list": {},
    "exchange.policy_show": {},
    "exchange.recipients_check": {"logins": ["owner@aster.example", "shared@aster.example", "group@aster.example"]},
    "exchange.request_list": {}, "exchange.usage_show": {}, "exchange.holds_list": {}, "exchange.hold_choices": {},
}  # fmt: skip
# Takes nothing of another's that it could be given: why.
ELSEWHERE = {
    "makes or changes what is the asker's own, and is given no id": """account_change group_create guest_issue
        guest_prove notification_prefer password_change person_invite person_issue second_factor_begin
        second_factor_check second_factor_confirm second_factor_remove connection_propose tenant_open_check
        security_key_begin security_key_challenge security_key_confirm
        address_prove deposit_create deposit_place guest_passphrase mailbox_create person_leave policy_change
        upload_create pipeline_create""",
    "runs before anybody is known: the tenant is what is looked for": """enrolment_finish enrolment_key
        enrolment_view handshake_finish handshake_start request_authenticate enrolment_complete invitation_find
        key_of live_key session_find sign_in_key""",
    "the scheduler's or a worker's, over all organisations by their own rows": """checkpoint_make checkpoints_make
        notifications_send deliveries_expire expiries_warn job_run job_turn_run jobs_sweep orphans_erase requests_expire
        retention_erase tenants_end uploads_expire waiting_deliver""",
    "an operator's, behind Django admin or a command": """chain_verify checkpoints_known connection_create
        demo_create notification_retry operator_viewed people_counts platform_rules_change quotas_change
        policy_change_operator
        tenant_close tenant_create tenant_resume tenant_suspend user_invite user_issue audit_export_operator
        job_cancel_operator job_retry_operator switch_off switch_on address_tenant tenants_all tenants_find
        jobs_waiting queue_depths""",
    "a part of others, under the scope that its caller holds": """address_add address_check address_drop
        address_open user_lock
        address_mailable address_rename chains_lock depositor_create depositor_keys depositor_retire event_record
        guest_create guest_link guest_links_withdraw name_check notify people_count request_of requests_check
        requests_count sender_allowed tenant_closed tenant_rows_destroy user_remove limits_show address_index
        address_is_guest addresses_kept addresses_reachable addresses_taken by_name colleagues_find
        connected_tenants directories directories_forget enrolled_for event_known group_find group_people
        group_shapes guests_open partners_named partners_of person_shape reachable_for rules_history rules_set
        rules_version terms_between users_by_id deliveries_unheld messages_unheld people_held tenant_holds_exist""",
}
EXPLAINED = {name for names in ELSEWHERE.values() for name in names.split()}


def public() -> dict[str, Callable[..., Any]]:
    """`layer.name` of every function that services and selectors give to other layers."""
    found = {}
    for layer, package in LAYERS.items():
        for part in (package.services, package.selectors):
            for name in part.__all__:
                if not inspect.isclass(getattr(part, name)):
                    found[f"{layer}.{name}"] = getattr(part, name)
    return found


def test_every_service_and_selector_stands_in_a_table():
    tabled = set(FOREIGN) | ACTED | set(OWN)
    missing = {name for name in public() if name not in tabled and name.partition(".")[2] not in EXPLAINED}
    assert missing == set()
    assert tabled - set(public()) == set()
    assert EXPLAINED - {name.partition(".")[2] for name in public()} == set()


def rows(tenant_id: UUID) -> dict[str, str]:
    """A digest of every row of a tenant, by model."""
    found = {}
    with scopes_disabled():
        for model in apps.get_models():
            if issubclass(model, TenantModel):
                listed = model._base_manager.filter(tenant_id=tenant_id).order_by("pk").values()
                text = repr(
                    [{k: bytes(v) if isinstance(v, memoryview) else v for k, v in row.items()} for row in listed]
                )
                found[model.__name__] = hashlib.sha256(text.encode()).hexdigest() if listed else ""
    return found


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


class Stranger:
    """An admin of Cedar, which is connected to nobody, and what Aster and Birch have."""

    def __init__(self, world: World) -> None:
        with scope(tenant=Tenant(id=world.tenants["cedar"])):
            User.objects.filter(tenant_id=world.tenants["cedar"]).update(role=User.Role.ADMIN)
        self.peer = world.outsider.signed_in.peer()
        self.tenants = [world.tenants["aster"], world.tenants["birch"]]
        self.places = {name: _id(value) for name, value in world.places.items()}

    def before(self) -> list[dict[str, str]]:
        return [rows(tenant_id) for tenant_id in self.tenants]


def _id(value: str) -> Any:
    try:
        return UUID(value)
    except ValueError:
        return value


@pytest.fixture
def stranger(world: World) -> Stranger:
    return Stranger(world)


def test_nothing_is_told_and_nothing_changes_by_another_s_ids(stranger, world):
    before = stranger.before()
    assert sum(bool(digest) for digest in before[0].values()) > 15, "rows of most kinds are there"
    known = public()
    for name, (given, code) in FOREIGN.items():
        with pytest.raises(SealpostError) as refused:
            known[name](peer=stranger.peer, **given(stranger.places, stranger.peer))
        assert refused.value.code == code, name
        assert stranger.before() == before, name


def test_nobody_acts_as_an_admin_of_another_organisation(stranger, world):
    before = stranger.before()
    aster = world.tenants["aster"]
    for name in sorted(ACTED):
        for tenant_id in (aster, stranger.peer.tenant.id):
            with pytest.raises(SealpostError) as refused:
                public()[name](tenant_id=tenant_id, user_id=stranger.places["person"], by=admin_of(stranger.peer))
            assert refused.value.status == 404, (name, refused.value.code)
    assert stranger.before() == before


def test_lists_hold_nothing_of_another(stranger, world):
    marks = [*WORDS.values(), *(str(one) for one in stranger.places.values()), "aster.example", "birch.example"]
    asked = {"owner@aster.example", "shared@aster.example", "group@aster.example"}
    for name, given in OWN.items():
        peer = {"peer": stranger.peer}
        known = public()[name]
        answer = (
            known(stranger.peer)
            if name in {"accounts.guests_refusal", "accounts.guests_rule"}
            else known(**peer, **given)
        )
        text = repr(list(answer) if inspect.isgenerator(answer) else answer)
        for login in asked if name == "exchange.recipients_check" else ():
            text = text.replace(login, "")  # what was asked for comes back
        assert [mark for mark in marks if mark in text] == [], name
