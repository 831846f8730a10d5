"""The audit log: one chain a tenant; an altered, moved, removed or added event shows."""

import json
import threading
import time

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from accounts.models import AuditEvent, AuditHead
from accounts.services import chain_verify, checkpoint_make, event_record
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
    finding = chain_verify(tenant_id=chain.id).finding
    return finding.event if finding else None


def test_chain_is_whole_and_starts_at_one(chain) -> None:
    events = AuditEvent.objects.order_by("seq")
    assert [event.seq for event in events] == list(range(1, 8))
    assert [event.action for event in events][:2] == ["tenant.created", "user.issued"]
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


def test_an_event_costs_three_statements(chain) -> None:
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        before = len(captured)
        event_record(tenant_id=chain.id, actor=None, action="test.done", details={"number": 1})
        assert len(captured) - before == 3


@pytest.mark.parametrize("details", [{"size": 0.5}, {"sizes": [1, {"of": 1.0}]}, {1: "one"}])
def test_what_a_database_may_give_back_otherwise_is_refused(chain, details) -> None:
    with pytest.raises(TypeError), transaction.atomic():
        event_record(tenant_id=chain.id, actor=None, action="test.failed", details=details)
    assert _broken(chain) is None


def test_details_of_every_other_kind_come_back_as_they_were_hashed(chain) -> None:
    details = {"b": None, "a": [True, -1, 1 << 62, {"ü": "ß\u2028"}], "Z": "", "A": {"z": [], "b": {}}}
    event_record(tenant_id=chain.id, actor=None, action="test.done", details=details)
    assert AuditEvent.objects.order_by("-seq").first().details == details
    assert _broken(chain) is None


@pytest.mark.django_db(transaction=True)
def test_fifty_writers_leave_one_whole_chain(ana) -> None:
    """On both databases, each writer with a connection of its own, checkpoints made in between."""
    failures: list[BaseException] = []
    begin = threading.Barrier(51)

    def write(number: int) -> None:
        try:
            begin.wait(60)
            with scope(tenant=ana.tenant):
                for turn in range(4):
                    details = {"writer": number, "turn": turn}
                    event_record(tenant_id=ana.tenant.id, actor=None, action="test.done", details=details)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=[number]) for number in range(50)]
    for writer in writers:
        writer.start()
    begin.wait(60)
    with scope(tenant=ana.tenant):
        while any(writer.is_alive() for writer in writers):
            checkpoint_make(tenant_id=ana.tenant.id)
            time.sleep(0.05)
        for writer in writers:
            writer.join()
        assert not failures
        checkpoint_make(tenant_id=ana.tenant.id)
        report = chain_verify(tenant_id=ana.tenant.id)
        assert (report.finding, report.events) == (None, 202)
        assert report.checkpoints > 1
        written = [event.details for event in AuditEvent.objects.filter(action="test.done").order_by("seq")]
    for number in range(50):
        assert [details["turn"] for details in written if details["writer"] == number] == [0, 1, 2, 3]
