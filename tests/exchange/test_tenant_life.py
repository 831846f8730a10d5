"""The life of an organisation, seen from those in it and those who send to it: nothing is lost until it is closed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent, AuditHead, Notification, Tenant
from accounts.sealed import tenant_owner
from accounts.selectors import session_find
from accounts.services import chain_verify, tenant_close, tenant_resume, tenant_suspend
from accounts.tenancy import TenantModel
from exchange import services
from exchange.models import LegalHold
from tests.exchange.desk import Desk, desk, job_of
from tests.exchange.outside import policy
from tests.refusal import refused
from vault.errors import RingMissing
from vault.models import ObjectKey, StoredObject

pytestmark = pytest.mark.django_db
OPERATOR = "7"


def suspended(one: Desk) -> None:
    tenant_suspend(tenant_id=one.peer.tenant.id, operator=OPERATOR)


def test_nobody_of_a_suspended_organisation_gets_an_answer(ana, ben):
    signed = desk(ana.peer.tenant, "carla@aster.example")
    suspended(ana)
    assert session_find(signed.peer.session_id) is None
    assert session_find(ben.peer.session_id) is not None
    tenant_resume(tenant_id=ana.peer.tenant.id, operator=OPERATOR)
    assert session_find(signed.peer.session_id) is None, "sessions ended for good"


def test_a_suspended_organisation_cannot_be_found_as_a_recipient(ana, ben):
    policy(ana.peer.tenant, guests_invited_by="nobody")
    suspended(ben)
    with refused("recipient_unreachable"):
        ana.send(b"x", to=[ben])


def test_what_was_on_its_way_into_a_suspended_organisation_waits_for_its_return(ana, ben):
    message = ana.send(b"content", to=[ben])
    suspended(ben)
    shown = ana.work(message)
    assert [row["state"] for row in shown["deliveries"]] == ["waiting"]
    assert services.waiting_deliver() == 0
    tenant_resume(tenant_id=ben.peer.tenant.id, operator=OPERATOR)
    assert services.waiting_deliver() == 1
    assert services.waiting_deliver() == 0
    assert ben.read(ben.received(message)["documents"][0]) == b"content"


def test_the_jobs_of_a_suspended_organisation_wait(ana, ben):
    message = ana.send(b"content", to=[ben])
    suspended(ana)
    services.job_run(job_id=job_of(message).id)
    assert job_of(message).state == "queued"
    tenant_resume(tenant_id=ana.peer.tenant.id, operator=OPERATOR)
    services.job_run(job_id=job_of(message).id)
    assert job_of(message).state == "done"


@pytest.mark.parametrize("wrong", ["suspend twice", "resume what is active", "close what is closed", "no such", "days"])
def test_what_cannot_be_is_refused(ana, wrong):
    tenant_id = ana.peer.tenant.id
    if wrong == "suspend twice":
        suspended(ana)
        with refused("tenant_state_invalid"):
            suspended(ana)
    elif wrong == "resume what is active":
        with refused("tenant_state_invalid"):
            tenant_resume(tenant_id=tenant_id, operator=OPERATOR)
    elif wrong == "close what is closed":
        with scopes_disabled():
            Tenant.objects.filter(id=tenant_id).update(state=Tenant.State.CLOSED)
        with refused("tenant_state_invalid"):
            tenant_close(tenant_id=tenant_id, days=30, operator=OPERATOR)
    elif wrong == "no such":
        with refused("tenant_unknown"):
            tenant_suspend(tenant_id=uuid4(), operator=OPERATOR)
    else:
        with refused("tenant_state_invalid"):
            tenant_close(tenant_id=tenant_id, days=0, operator=OPERATOR)


def closing(one: Desk) -> Desk:
    """Its organisation in the export window; the same person signed in anew."""
    tenant_close(tenant_id=one.peer.tenant.id, days=30, operator=OPERATOR)
    with scopes_disabled():
        tenant = Tenant.objects.get(id=one.peer.tenant.id)
    object.__setattr__(one.peer, "tenant", tenant)
    return one


def test_while_it_closes_its_people_fetch_and_send_nothing(ana, ben):
    policy(ana.peer.tenant, guests_invited_by="nobody")
    message = ana.send(b"content", to=[ben])
    ana.work(message)
    closing(ben)
    assert ben.read(ben.received(message)["documents"][0]) == b"content"
    with refused("tenant_closing"):
        ben.send(b"x", to=[ana])
    with refused("tenant_closing"):
        services.message_send(
            peer=ben.peer, key=uuid4(), subject="S", note="", recipients=[ana.login], to_self=False, uploads=[],
            steps=[], expires_days=14,
        )  # fmt: skip
    with refused("recipient_unreachable"):
        ana.send(b"x", to=[ben])
    with scopes_disabled():
        told = Notification.objects.filter(event="tenant_closing", tenant_id=ben.peer.tenant.id).count()
    assert told == 2, "ben and the admin"


def window_passed(one: Desk) -> None:
    with scopes_disabled():
        Tenant.objects.filter(id=one.peer.tenant.id).update(closes_at=timezone.now() - timedelta(seconds=1))


def test_a_closed_organisation_leaves_its_audit_trail_and_nothing_else(ana, ben):
    kept = ana.send(b"kept by ben", to=[ben])
    ana.work(kept)
    received = ben.send(b"seen by ana", to=[ana])
    ben.work(received)
    ana.upload(b"never sent")
    tenant = ana.peer.tenant
    closing(ana)
    assert services.tenants_end() == 0, "the window has not passed"
    window_passed(ana)
    assert services.tenants_end() == 1
    assert services.tenants_end() == 0
    with scopes_disabled():
        left = {
            model.__name__
            for model in TenantModel.__subclasses__()
            for model in (model.__subclasses__() or [model])
            if model._base_manager.filter(tenant_id=tenant.id).exists()
        }
        assert left == {"AuditEvent", "AuditHead"}
        assert not ObjectKey.objects.filter(owner=tenant_owner(tenant.id)).exists()
        tenant.refresh_from_db()
    assert tenant.state == "closed"
    with pytest.raises(RingMissing):
        _ = tenant.name
    with scope(tenant=tenant):
        assert chain_verify(tenant_id=tenant.id).finding is None
        assert AuditEvent.objects.order_by("-seq").first().action == "tenant.closed"
        assert AuditHead.objects.count() == 1
    assert ben.read(ben.received(kept)["documents"][0]) == b"kept by ben"
    assert [row["state"] for row in ben.sent(received)["deliveries"]] == ["delivered"]


def test_bytes_that_nobody_else_has_are_gone_from_the_store(ana, settings, django_capture_on_commit_callbacks):
    ana.upload(b"only mine" * 1000)
    with scopes_disabled():
        stored = StoredObject.objects.get()
    (path,) = settings.SEALPOST_OBJECTS.rglob(stored.id.hex)
    closing(ana)
    window_passed(ana)
    with django_capture_on_commit_callbacks(execute=True):
        services.tenants_end()
    assert not path.exists()
    with scopes_disabled():
        assert not StoredObject.objects.exists()


def test_a_legal_hold_keeps_an_organisation_from_being_closed(ana, ben):
    message = ana.send(b"held", to=[ben])
    ana.work(message)
    tenant = ben.peer.tenant
    with scope(tenant=tenant):
        hold = LegalHold(tenant=tenant, kind="person", target=ben.peer.user.id, placed_by=ben.peer.user.id)
        hold.reason = "Case 4"
        hold.save()
    closing(ben)
    window_passed(ben)
    assert services.tenants_end() == 0
    assert ben.read(ben.received(message)["documents"][0]) == b"held"
    with scope(tenant=tenant):
        LegalHold.objects.update(lifted_at=timezone.now())
    assert services.tenants_end() == 1


def test_each_move_is_audited_with_the_operator(ana):
    suspended(ana)
    tenant_resume(tenant_id=ana.peer.tenant.id, operator=OPERATOR)
    with scope(tenant=ana.peer.tenant):
        moves = [event.details for event in AuditEvent.objects.filter(action="tenant.moved").order_by("seq")]
    assert [(move["from"], move["to"], move["operator"]) for move in moves] == [
        ("created", "suspended", OPERATOR),
        ("suspended", "active", OPERATOR),
    ]
