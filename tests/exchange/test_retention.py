"""Erasing: what ended goes when its own side's retention is over, the store shrinks, and a tombstone stays."""

import os
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import F
from django_scopes import scopes_disabled

from accounts.models import Tenant, User
from accounts.services import chain_verify
from exchange import services
from exchange.models import Delivery, JobOutput, Message, Recipient, Upload, UploadPart
from exchange.sandbox import sandbox_missing
from tests.documents import pdf
from tests.exchange.desk import Desk, desk, job_of
from tests.exchange.lifecycle import days_pass, delivered, events, extend, files, policy, recall, together
from tests.refusal import refused
from vault.models import ObjectKey, StoredObject
from vault.services import object_write

retention = sys.modules[services.retention_erase.__module__]
release = sys.modules["exchange.services.object_release"]


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path) -> Path:
    """A store of this test's own, so that what lies in it is this test's."""
    settings.SEALPOST_OBJECTS = tmp_path / "objects"
    return settings.SEALPOST_OBJECTS


@pytest.fixture(autouse=True)
def _commits_at_once(request, monkeypatch) -> None:
    """Files go when a transaction commits: where the test is one transaction, at once."""
    mark = request.node.get_closest_marker("django_db")
    if not (mark and mark.kwargs.get("transaction")):
        monkeypatch.setattr("django.db.transaction.on_commit", lambda work, **_: work())


def ended(days: float = 45) -> None:
    """Time passes until a message of 14 days has ended and its retention of 30 is over."""
    days_pass(days)
    services.deliveries_expire()


def stored_rows() -> tuple[int, int]:
    """How many objects there are, and how many keys to them."""
    with scopes_disabled():
        return StoredObject.objects.count(), ObjectKey.objects.count()


def erased(message: dict, sender: Desk, *readers: Desk) -> list[bool]:
    """Whether the sender's side is erased, and each reader's."""
    return [bool(side["erased_at"]) for side in (sender.sent(message), *(one.received(message) for one in readers))]


def test_nothing_goes_before_its_time_and_then_everything_does(ana, ben):
    before = files()
    message = delivered(ana, ben, contents=(b"one" * 1000, b"two"))
    assert len(files() - before) == 2
    days_pass(100)
    assert services.retention_erase() == 0  # nothing has ended: it was not even expired
    days_pass(-100)
    ended(43.9)
    assert services.retention_erase() == 0
    days_pass(0.2)
    assert services.retention_erase() == 2
    assert files() - before == set()
    assert stored_rows() == (0, 0)
    assert erased(message, ana, ben) == [True, True]
    assert services.retention_erase() == 0
    assert (events("message.erased"), events("delivery.erased")) == (1, 1)


def test_what_stays_holds_times_and_states_and_no_word(ana, ben):
    message = delivered(ana, ben, subject="Subject-word", note="Note-word")
    document = ben.received(message)["documents"][0]
    ended()
    services.retention_erase()
    for shown in (ana.sent(message), ben.received(message)):
        assert (shown["state"], shown["subject"], shown["note"], shown["documents"]) == ("expired", "", "", [])
        assert shown["sent_at"]
        assert shown["erased_at"]
    assert ana.sent(message)["deliveries"][0]["login"] == ""
    for box in (services.outbox_list(peer=ana.peer), services.inbox_list(peer=ben.peer)):
        assert box["messages"][0]["erased_at"]
    with connection.cursor() as cursor, scopes_disabled():
        for model in (Message, Delivery, Recipient, Upload):
            sealed = [field.name for field in model._meta.fields if field.name.endswith("_sealed")]
            assert sealed
            cursor.execute(f'SELECT {", ".join(sealed)} FROM "{model._meta.db_table}"')
            assert {bytes(value) for row in cursor.fetchall() for value in row} == {b""}
        assert UploadPart.objects.count() == 0
    with refused("content_erased"):
        ben.transfer(document)
    with refused("content_erased"):
        extend(ana, message, 20)


def test_each_side_follows_its_own_policy(ana, ben, organisations):
    policy(organisations["aster"], retention_days=0)
    policy(organisations["birch"], retention_days=100)
    message = delivered(ana, ben)
    document = ben.received(message)["documents"][0]
    ended(15)
    assert services.retention_erase() == 1
    assert erased(message, ana, ben) == [True, False]
    assert len(files()) == 1  # the recipient's organisation keeps its own key to the same bytes
    with refused("delivery_expired"):
        ben.transfer(document)
    days_pass(100)
    assert services.retention_erase() == 1
    assert files() == set()


def test_a_suspended_organisation_loses_nothing(ana, ben, organisations):
    delivered(ana, ben)
    ended()
    with scopes_disabled():
        Tenant.objects.update(state=Tenant.State.SUSPENDED)
    assert services.retention_erase() == 0
    with scopes_disabled():
        Tenant.objects.update(state=Tenant.State.ACTIVE)
    assert services.retention_erase() == 2


def test_what_was_recalled_from_one_goes_and_a_colleague_keeps_theirs(ana, ben, organisations):
    """One organisation has one key to a document, whoever of it has received it."""
    mate, other = (desk(organisations["aster"], f"{name}@aster.example") for name in ("mate", "other"))
    message = delivered(ana, mate, other, expires_days=90)
    recall(ana, message, mate)
    days_pass(31)
    assert services.retention_erase() == 1
    assert erased(message, ana, mate, other) == [False, True, False]
    assert other.read(other.received(message)["documents"][0]) == b"content"
    assert ana.read(ana.sent(message)["documents"][0]) == b"content"
    ended(100)
    assert services.retention_erase() == 2
    assert files() == set()


def test_recalled_and_cancelled_messages_go_after_the_time_from_that_moment(ana, ben):
    recalled, cancelled = delivered(ana, ben, expires_days=90), ana.send(b"never", to=[ben], expires_days=90)
    recall(ana, recalled)
    services.job_cancel(peer=ana.peer, message_id=UUID(cancelled["id"]))
    days_pass(29)
    assert services.retention_erase() == 0
    days_pass(2)
    assert services.retention_erase() == 3
    assert files() == set()
    assert [ana.sent(one)["state"] for one in (recalled, cancelled)] == ["recalled", "cancelled"]


@pytest.mark.skipif(bool(sandbox_missing()), reason="bubblewrap does not work here")
def test_outputs_of_steps_go_with_the_message(ana, ben, tmp_path):
    content = pdf(tmp_path / "contract.pdf", pages=1).read_bytes()
    steps = [{"step": "pdf.stamp", "parameters": {"text": "For {recipient}"}}]
    uploads = [ana.upload(content, name="contract.pdf")]
    message = delivered(ana, ben, ana, contents=(), uploads=uploads, steps=steps)
    assert len(files()) == 3
    again = ana.send(to=[ben], uploads=[ana.upload(content, name="contract.pdf")], steps=steps)
    services.job_run(job_id=job_of(again).id)
    with scopes_disabled():  # as if its sender had taken it back when its step was done
        Delivery.objects.filter(message_id=again["id"]).delete()
        Message.objects.filter(id=again["id"]).update(state=Message.State.CANCELLED)
    ended()
    services.retention_erase()
    assert erased(message, ana, ben) == [True, True]
    with scopes_disabled():
        assert JobOutput.objects.count() == 0
    services.orphans_erase()
    with scopes_disabled():
        assert StoredObject.objects.filter(keys__owner=f"tenant:{ana.peer.tenant.id}").count() == 0


@pytest.mark.django_db(transaction=True)
def test_what_breaks_in_the_middle_is_whole_the_next_time(ana, ben, monkeypatch):
    message = delivered(ana, ben, contents=(b"one", b"two"))
    ended()
    stored = files()
    delete, calls = release.object_delete, []

    def broken(**given) -> None:
        delete(**given)
        calls.append(given)
        raise OSError("killed between the object and the commit")

    monkeypatch.setattr(release, "object_delete", broken)
    assert services.retention_erase() == 0
    assert len(calls) == 2
    assert erased(message, ana, ben) == [False, False]
    assert (files(), stored_rows()) == (stored, (2, 4))
    assert ben.received(message)["subject"] == "Subject"
    monkeypatch.setattr(release, "object_delete", delete)
    assert services.retention_erase() == 2
    assert files() == set()


@pytest.mark.django_db(transaction=True)
def test_erasing_in_parallel_erases_once_and_leaves_no_object(ana, ben, organisations):
    """Sender, colleague and partner: three rows and two keys to one file; none is left, whoever comes last."""
    mate = desk(organisations["aster"], "mate@aster.example")
    for _ in range(3):
        delivered(ana, ben, mate)
    ended()
    assert together(*[services.retention_erase] * 4) == []
    assert services.retention_erase() == 0
    assert (events("message.erased"), events("delivery.erased")) == (3, 6)
    assert (files(), stored_rows()) == (set(), (0, 0))
    with scopes_disabled():
        assert all(chain_verify(tenant_id=desk.peer.tenant.id).finding is None for desk in (ana, ben))


def test_one_that_is_extended_before_its_turn_is_kept(ana, ben, monkeypatch):
    message = delivered(ana, ben)
    ended()
    erase = retention._message_erase

    def late(*given) -> bool:
        extend(ana, message, 20)
        return erase(*given)

    monkeypatch.setattr(retention, "_message_erase", late)
    monkeypatch.setattr(retention, "_delivery_erase", lambda *given: False)
    assert services.retention_erase() == 0
    assert ben.read(ben.received(message)["documents"][0]) == b"content"


def test_one_that_cannot_be_erased_keeps_no_other_back(ana, ben, monkeypatch):
    first, second = delivered(ana, ben), delivered(ana, ben)
    ended()
    whole = retention._given_up

    def broken(tenant_id, action, subject, objects) -> None:
        if str(subject) == first["id"]:
            raise OSError
        whole(tenant_id, action, subject, objects)

    monkeypatch.setattr(retention, "_given_up", broken)
    assert services.retention_erase() == 3
    assert (erased(first, ana), erased(second, ana)) == ([False], [True])


def test_what_a_killed_worker_left_is_found_and_nothing_else(ana, ben, own_store):
    message, unsent = delivered(ana, ben), ana.begin(b"still being sent")
    used = files()
    orphan, _ = object_write(owner=f"tenant:{ana.peer.tenant.id}", chunks=[b"made, and never said so"])
    stray = own_store / "ab" / "cd" / ("abcd" + "0" * 28)
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"a file without a row")
    assert services.orphans_erase() == 0  # younger than a day
    _age(own_store)
    assert services.orphans_erase() == 2
    assert files() == used
    with scopes_disabled():
        assert not StoredObject.objects.filter(id=orphan).exists()
    assert ben.read(ben.received(message)["documents"][0]) == b"content"
    ana.put(unsent, 0)
    services.upload_complete(peer=ana.peer, upload_id=unsent.upload)


def _age(folder: Path) -> None:
    with scopes_disabled():
        StoredObject.objects.update(created_at=F("created_at") - timedelta(days=2))
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))


def test_retention_costs_nothing_where_nothing_is_due(ana, ben, django_assert_max_num_queries):
    for _ in range(3):
        delivered(ana, ben)
    with django_assert_max_num_queries(3):
        services.retention_erase()


def test_a_removed_sender_s_messages_go_too(ana, ben):
    message = delivered(ana, ben)
    with scopes_disabled():
        User.objects.filter(id=ana.peer.user.id).update(state=User.State.REMOVED)
    ended()
    assert services.retention_erase() == 2
    assert erased(message, ana, ben) == [True, True]
