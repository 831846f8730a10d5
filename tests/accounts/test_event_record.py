"""The audit log: one chain a tenant; an altered, moved, removed or added event shows."""

import json

import pytest
from django.db import connection, transaction
from django_scopes import scope

from accounts.models import AuditEvent, AuditHead
from accounts.services import event_record, events_verify
from tests.accounts.client import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(ana, ben):
    """Ana's tenant with seven events, its scope active."""
    with scope(tenant=ana.tenant):
        for number in range(5):
            event_record(tenant_id=ana.tenant.id, actor=ana.user, action="test.done", details={"number": number})
        yield ana.tenant


def _broken(chain) -> int | None:
    return events_verify(tenant_id=chain.id)


def test_chain_is_whole_and_starts_at_one(chain) -> None:
    events = AuditEvent.objects.order_by("seq")
    assert [event.seq for event in events] == list(range(1, 8))
    assert [event.action for event in events][:2] == ["tenant.created", "user.issued"]
    assert _broken(chain) is None


@pytest.mark.parametrize(
    "change",
    [
        {"action": "test.undone"},
        {"details": {"number": 9}},
        {"actor": None},
        {"subject": "5ea190c7-0000-4000-8000-000000000009"},
        {"at": "2026-01-01T00:00:00Z"},
        {"previous": bytes(32)},
        {"hash": bytes(32)},
    ],
)
def test_altered_event_shows_at_its_place(chain, change) -> None:
    AuditEvent.objects.filter(seq=4).update(**change)
    assert _broken(chain) == 4


@pytest.mark.parametrize("seq", [1, 4, 7])
def test_removed_event_shows_even_at_the_end(chain, seq) -> None:
    AuditEvent.objects.filter(seq=seq).delete()
    assert _broken(chain) == seq


def test_swapped_events_show(chain) -> None:
    AuditEvent.objects.filter(seq=5).update(seq=99)
    AuditEvent.objects.filter(seq=4).update(seq=5)
    AuditEvent.objects.filter(seq=99).update(seq=4)
    assert _broken(chain) == 4


def test_emptied_log_shows(chain) -> None:
    AuditEvent.objects.all().delete()
    assert _broken(chain) == 1
    AuditHead.objects.all().delete()
    assert _broken(chain) is None


def test_chains_of_tenants_are_apart(chain, ben) -> None:
    before = AuditHead.objects.get().seq
    with scope(tenant=ben.tenant):
        event_record(tenant_id=ben.tenant.id, actor=None, action="test.done")
        assert _broken(ben.tenant) is None
    assert AuditHead.objects.get().seq == before
    assert _broken(chain) is None


def test_event_goes_with_its_transaction(chain) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        event_record(tenant_id=chain.id, actor=None, action="test.failed")
        raise RuntimeError
    assert not AuditEvent.objects.filter(action="test.failed").exists()
    assert _broken(chain) is None


def test_events_hold_ids_and_codes_only(ana, robot) -> None:
    sign_in(robot.login, robot.passphrase)
    with scope(tenant=ana.tenant):
        said = json.dumps([[event.action, event.details] for event in AuditEvent.objects.all()])
    for private in (robot.login, ana.login, "Robot", "Ana", "Aster"):
        assert private not in said


@pytest.mark.django_db(transaction=True)
def test_two_writers_make_one_chain(ana) -> None:
    """On both databases: the head is locked until the transaction ends."""
    import threading

    failures: list[BaseException] = []

    def write() -> None:
        try:
            with scope(tenant=ana.tenant):
                for _ in range(10):
                    event_record(tenant_id=ana.tenant.id, actor=None, action="test.done")
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not failures
    with scope(tenant=ana.tenant):
        assert AuditEvent.objects.filter(action="test.done").count() == 40
        assert events_verify(tenant_id=ana.tenant.id) is None
