"""The work on a message: every end is a state with a code, nothing happens twice or after it was taken back."""

import os
import sys
import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import Connection, Tenant
from accounts.services import chain_verify
from exchange import services
from exchange.errors import HELD_SENTENCES
from exchange.models import Delivery, Document, Job, Message, Recipient, Transfer
from exchange.sandbox.base import INPUT_CODES, LIMIT_CODES, Limits
from exchange.services.job_lease import CancelRequested, LeaseLost, lease_take
from exchange.steps.base import registered
from sealpost.errors import DecryptionError
from tests.exchange.desk import job_of
from tests.refusal import refused
from tests.services.clamd import EICAR

module = sys.modules[services.job_run.__module__]


@pytest.fixture
def clamd(settings):
    if not os.environ["SEALPOST_TEST_CLAMD"]:
        pytest.skip("clamd is not installed")
    settings.SEALPOST_CLAMD = os.environ["SEALPOST_TEST_CLAMD"]


def change(message: dict, **values) -> None:
    with scopes_disabled():
        Job.objects.filter(message_id=message["id"]).update(**values)


def test_every_reason_to_hold_a_message_is_a_sentence():
    codes = INPUT_CODES | LIMIT_CODES | {"infected", "storage_full", "attempts_exhausted", "no_recipient_left"}
    codes |= {"type_refused", "not_scanned", "jobs_at_once", "jobs_off", "step_off"}
    assert codes == HELD_SENTENCES.keys()
    assert all(sentence.endswith(".") and len(sentence) < 125 for sentence in HELD_SENTENCES.values())


def test_states_of_both_sides_as_a_message_goes_its_way(ana, ben):
    message = ana.send(b"first", b"second", to=[ben])
    assert (message["state"], message["job"]["state"]) == ("processing", "queued")
    with refused("not_found"):
        ben.received(message)
    done = ana.work(message)
    assert (done["state"], done["job"]["state"]) == ("sent", "done")
    assert done["deliveries"][0]["state"] == "delivered"
    documents = ben.received(message)["documents"]
    assert ana.sent(message)["deliveries"][0]["state"] == "opened"
    ben.transfer(documents[0], "preview")
    ben.read(documents[0])
    assert ana.sent(message)["deliveries"][0]["state"] == "opened"  # one of two is not the whole
    ben.read(documents[1])
    delivery = ana.sent(message)["deliveries"][0]
    assert delivery["state"] == "downloaded"
    assert delivery["delivered_at"] <= delivery["opened_at"] <= delivery["downloaded_at"]


def test_without_a_scanner_documents_are_not_scanned_and_say_so(ana, ben):
    message = ana.send(b"x", to=[ben])
    ana.work(message)
    document = ben.received(message)["documents"][0]
    assert (document["verdict"], document["verdict_reason"]) == ("not_scanned", "no_scanner")


def test_a_clean_document_says_so(ana, ben, clamd):
    message = ana.send(b"harmless", to=[ben])
    ana.work(message)
    assert ben.received(message)["documents"][0]["verdict"] == "clean"


def test_malware_is_held_and_reaches_nobody(ana, ben, clamd):
    message = ana.send(b"harmless", EICAR, to=[ben])
    held = ana.work(message)
    assert (held["state"], held["job"]["state"], held["job"]["code"]) == ("held", "held", "infected")
    assert "malware" in held["job"]["detail"]
    with refused("not_found"):
        ben.received(message)
    services.job_retry(peer=ana.peer, message_id=UUID(message["id"]))
    assert ana.work(message)["job"]["code"] == "infected"


def test_a_scanner_that_is_down_is_tried_again_and_then_said(ana, ben, settings, tmp_path):
    settings.SEALPOST_CLAMD = str(tmp_path / "nobody-listens")
    message = ana.send(b"x", to=[ben])
    for attempt in (1, 2):
        waiting = ana.work(message)
        assert waiting["job"]["state"] == "queued"
        assert job_of(message).run_after > timezone.now()
        assert ana.work(message)["job"]["state"] == "queued"  # not before its time
        assert job_of(message).attempts == attempt
        change(message, run_after=timezone.now())
    assert ana.work(message)["job"]["state"] == "done"
    document = ben.received(message)["documents"][0]
    assert (document["verdict"], document["verdict_reason"]) == ("not_scanned", "scanner_down")


def test_three_failures_hold_the_message_and_trying_again_gives_three_more(
    ana, ben, django_capture_on_commit_callbacks
):
    message = ana.send(b"x", to=[ben])
    with scopes_disabled():
        stored = Document.objects.get().object
    path = django_settings.SEALPOST_OBJECTS / stored.hex[:2] / stored.hex[2:4] / stored.hex
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    for _ in range(3):
        change(message, run_after=timezone.now())
        ana.work(message)
    held = ana.sent(message)
    assert (held["state"], held["job"]["code"]) == ("held", "attempts_exhausted")
    path.write_bytes(whole)
    assert services.job_retry(peer=ana.peer, message_id=UUID(message["id"]))["state"] == "processing"
    assert ana.work(message)["job"]["state"] == "done"
    with refused("job_not_held"):
        services.job_retry(peer=ana.peer, message_id=UUID(message["id"]))


def test_a_message_is_taken_back_before_it_is_worked_on(ana, ben):
    message = ana.send(b"x", to=[ben])
    assert services.job_cancel(peer=ana.peer, message_id=UUID(message["id"]))["state"] == "cancelled"
    assert ana.work(message)["state"] == "cancelled"
    with refused("not_found"):
        ben.received(message)
    with refused("job_finished"):
        services.job_cancel(peer=ana.peer, message_id=UUID(message["id"]))


def test_a_message_is_taken_back_while_it_is_worked_on(ana, ben, monkeypatch):
    """The wish comes between the last step and the delivery: nothing is delivered."""
    message, deliver = ana.send(b"x", to=[ben]), module._deliver

    def wished(lease, plan, outputs) -> None:
        services.job_cancel(peer=ana.peer, message_id=UUID(message["id"]))
        deliver(lease, plan, outputs)

    monkeypatch.setattr(module, "_deliver", wished)
    assert ana.work(message)["state"] == "cancelled"
    with refused("not_found"):
        ben.received(message)


def test_a_retry_forgets_the_wish_to_cancel(ana, ben, settings, tmp_path):
    message = ana.send(b"x", to=[ben])
    change(message, state="held", cancel_requested=True, code="step_crashed")
    with scopes_disabled():
        Message.objects.update(state="held")
    services.job_retry(peer=ana.peer, message_id=UUID(message["id"]))
    assert ana.work(message)["job"]["state"] == "done"


def test_one_worker_at_a_time_and_a_late_one_writes_nothing(ana, ben):
    message = ana.send(b"x", to=[ben])
    lost = lease_take(job_of(message).id)
    assert lease_take(job_of(message).id) is None  # another has it
    change(message, lease_until=timezone.now() - timedelta(seconds=1))
    assert ana.work(message)["job"]["state"] == "done"
    with scope(tenant=lost.job.tenant):
        for write in (lambda: lost.write(state="held"), lambda: lost.step(position=0, step="x", unit="", total=0)):
            with pytest.raises(LeaseLost):
                write()
        with pytest.raises(LeaseLost):
            module._run(lost)
    assert ana.sent(message)["job"]["state"] == "done"
    with scopes_disabled():
        assert Delivery.objects.count() == 1


def test_a_late_worker_does_not_overwrite_a_verdict(ana, ben):
    message = ana.send(b"x", to=[ben])
    lost = lease_take(job_of(message).id)
    change(message, lease_until=timezone.now() - timedelta(seconds=1))
    ana.work(message)
    with scope(tenant=lost.job.tenant):
        document = Document.objects.get()
        document.verdict = "pending"
        with pytest.raises((LeaseLost, CancelRequested)):
            module.document_receive(lost, document)
        assert Document.objects.get().verdict == "not_scanned"


def test_a_worker_that_died_is_replaced_by_the_sweep(ana, ben):
    message = ana.send(b"x", to=[ben])
    lease_take(job_of(message).id)
    assert services.jobs_sweep() == 0
    change(message, lease_until=timezone.now() - timedelta(seconds=1))
    assert services.jobs_sweep() == 1
    assert services.jobs_sweep() == 0  # it was sent a moment ago
    change(message, queued_at=timezone.now() - timedelta(seconds=django_settings.SEALPOST_LEASE_SECONDS + 1))
    assert services.jobs_sweep() == 1
    assert ana.work(message)["job"]["state"] == "done"
    assert services.jobs_sweep() == 0


def test_who_was_disconnected_meanwhile_gets_nothing(ana, ben):
    message = ana.send(b"x", to=[ben])
    with scopes_disabled():
        Connection.objects.all().delete()
    held = ana.work(message)
    assert (held["job"]["code"], held["state"]) == ("no_recipient_left", "held")
    with refused("not_found"):
        ben.received(message)


def test_the_result_comes_back_to_the_one_who_asked(ana):
    message = ana.send(b"mine", to_self=True)
    ana.work(message)
    assert ana.read(ana.received(message)["documents"][0]) == b"mine"


def test_expiry_ends_both_sides_and_the_message(ana, ben):
    message = ana.send(b"x", to=[ben])
    ana.work(message)
    document = ben.received(message)["documents"][0]
    transfer, past = ben.transfer(document), timezone.now() - timedelta(seconds=1)
    with scopes_disabled():
        Delivery.objects.update(expires_at=past)
        Message.objects.update(expires_at=past)
    with refused("delivery_expired"):
        ben.content(transfer)
    opened = ana.sent(message)["deliveries"][0]["opened_at"]
    assert services.deliveries_expire() == 1
    assert services.deliveries_expire() == 0
    assert ben.received(message)["state"] == "expired"
    shown = ana.sent(message)
    assert (shown["state"], shown["deliveries"][0]["state"]) == ("expired", "expired")
    assert shown["deliveries"][0]["opened_at"] == opened  # what was known stays known


def test_a_held_message_that_expires_cannot_be_tried_again(ana, ben):
    message = ana.send(b"x", to=[ben])
    change(message, state="held", code="infected")
    with scopes_disabled():
        Message.objects.update(state="held", expires_at=timezone.now() - timedelta(seconds=1))
    services.deliveries_expire()
    assert ana.sent(message)["state"] == "expired"
    with refused("job_not_held"):
        services.job_retry(peer=ana.peer, message_id=UUID(message["id"]))


def test_a_download_by_any_range_is_the_same_bytes(ana, ben):
    plaintext = bytes(range(256)) * 10_000
    message = ana.send(plaintext, to=[ben])
    ana.work(message)
    transfer = ben.transfer(ben.received(message)["documents"][0])
    whole = ben.content(transfer)
    assert ben.transfer(ben.received(message)["documents"][0]) == transfer  # resumed, not begun again
    mib = 1 << 20
    for start, stop in [(0, 1), (39, 41), (mib - 1, mib + 1), (mib, None), (2 * mib + 7, 2 * mib + 9), (5, 10**9)]:
        assert ben.content(transfer, start, stop) == whole[start:stop]
    for start, stop in [(len(whole), None), (5, 5), (-1, 3)]:
        with refused("range_unsatisfiable"):
            ben.content(transfer, start, stop)
    with refused("hash_mismatch"):
        services.transfer_received(peer=ben.peer, transfer_id=UUID(transfer["transfer"]), sha256="0" * 64)
    with scopes_disabled():
        assert Transfer.objects.get(id=transfer["transfer"]).received_at is None


def test_a_damaged_object_is_never_delivered_as_whole(ana, ben):
    message = ana.send(bytes(3 << 20), to=[ben])
    ana.work(message)
    document = ben.received(message)["documents"][0]
    with scopes_disabled():
        stored = Document.objects.get().object
    path = django_settings.SEALPOST_OBJECTS / stored.hex[:2] / stored.hex[2:4] / stored.hex
    content = bytearray(path.read_bytes())
    content[(2 << 20) + 500] ^= 1
    path.write_bytes(content)
    with pytest.raises(DecryptionError):
        ben.read(document)
    assert ana.sent(message)["deliveries"][0]["state"] == "opened"


@pytest.mark.django_db(transaction=True)
def test_deliveries_both_ways_at_once_do_not_wait_for_each_other_for_ever(ana, ben):
    """Each writes to the audit chains of both organisations."""
    messages = [(ana, ana.send(to=[ben])) for _ in range(6)] + [(ben, ben.send(to=[ana])) for _ in range(6)]
    failures: list[BaseException] = []

    def run(work) -> None:
        try:
            for sender, message in work:
                sender.work(message)
        except BaseException as error:  # shown below
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=run, args=(messages[start::4],)) for start in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    for sender, message in messages:  # those that waited for others of their organisation
        sender.work(message)
    with scopes_disabled():
        assert set(Job.objects.values_list("state", flat=True)) == {"done"}
        assert set(Recipient.objects.values_list("state", flat=True)) == {"delivered"}
        for tenant in Tenant.objects.all():
            assert chain_verify(tenant_id=tenant.id).finding is None


def test_what_is_more_than_a_step_may_take_is_held_with_the_limit_named(ana, ben, monkeypatch):
    monkeypatch.setattr(registered()["file.scrub"], "limits", Limits(input_bytes=3 << 20))
    message = ana.work(ana.send(bytes(3 << 20) + b"x", to=[ben], steps=[{"step": "file.scrub", "parameters": {}}]))
    assert message["state"] == "sent"  # nothing of it was for the step
    large = b"%PDF-1.7 " + bytes(3 << 20)
    message = ana.work(ana.send(large, to=[ben], steps=[{"step": "file.scrub", "parameters": {}}]))
    assert (message["state"], message["job"]["code"]) == ("held", "step_input_too_large")
    assert "has more than the 3 MB that it may process" in message["job"]["detail"]
