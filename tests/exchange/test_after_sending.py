"""What a sender does to a message that was sent: recall, extend, remind, add recipients; archiving."""

import sys
from uuid import UUID, uuid4

import pytest
from django_scopes import scopes_disabled

from accounts.models import Notification, Tenant, User
from exchange import services
from exchange.models import Delivery, Job, JobOutput, Message, Recipient
from exchange.sandbox import sandbox_missing
from tests.documents import pdf, pdf_texts
from tests.exchange.desk import Desk, desk, job_of
from tests.exchange.lifecycle import (
    add,
    days_pass,
    delivered,
    events,
    extend,
    mails,
    policy,
    recall,
    remind,
    states,
    terms,
    together,
)
from tests.refusal import refused

needs_sandbox = pytest.mark.skipif(bool(sandbox_missing()), reason="bubblewrap does not work here")


@pytest.fixture
def bea(organisations) -> Desk:
    return desk(organisations["birch"], "bea@birch.example")


@pytest.fixture
def mate(organisations) -> Desk:
    return desk(organisations["aster"], "mate@aster.example")


def everything(message: dict, person: Desk) -> list:
    """Each thing that may be done to a message after it was sent."""
    message_id = UUID(message["id"])
    return [
        lambda: extend(person, message, 20),
        lambda: recall(person, message),
        lambda: remind(person, message),
        lambda: services.recipients_add(peer=person.peer, message_id=message_id, logins=["ben@birch.example"]),
        lambda: services.outbox_archive(peer=person.peer, message_id=message_id, archived=True),
    ]


def test_others_and_the_recipient_may_do_nothing_of_it(ana, ben, cem, mate):
    message = delivered(ana, ben)
    for other in (ben, cem, mate):
        for act in everything(message, other):
            with refused("not_found"):
                act()
    with refused("not_found"):
        services.inbox_archive(peer=ana.peer, message_id=UUID(message["id"]), archived=True)
    for act in everything({"id": str(uuid4())}, ana):
        with refused("not_found"):
            act()


@pytest.mark.parametrize("state", ["processing", "cancelled", "held"])
def test_a_message_that_was_never_delivered_is_not_to_be_changed_so(ana, ben, state):
    message = ana.send(b"x", to=[ben])
    with scopes_disabled():
        Message.objects.update(state=state)
    for act in everything(message, ana)[:4]:
        with refused("message_not_sent"):
            act()


def test_recall_from_one_leaves_the_other_theirs(ana, ben, bea):
    message = delivered(ana, ben, bea, contents=(b"first", b"second"))
    document = ben.received(message)["documents"][0]
    transfer, preview = ben.transfer(document), ben.transfer(document, "preview")
    with refused("recipient_unknown") as refusal:
        services.message_recall(peer=ana.peer, message_id=UUID(message["id"]), logins=[ben.login, "x@nowhere.example"])
    assert refusal.error.members == {"logins": ["x@nowhere.example"]}
    assert states(ana.sent(message)) == ["delivered", "opened"]
    shown = recall(ana, message, ben)
    assert (shown["state"], states(shown)) == ("sent", ["delivered", "recalled"])
    seen = ben.received(message)
    assert (seen["state"], seen["note"], seen["documents"], seen["subject"]) == ("recalled", "", [], "Subject")
    assert seen["recalled_at"] == shown["deliveries"][-1]["recalled_at"]  # ben's, after bea's
    for look in (
        lambda: ben.transfer(document),
        lambda: ben.content(transfer, 40),
        lambda: ben.content(preview),
        lambda: services.transfer_received(
            peer=ben.peer, transfer_id=UUID(transfer["transfer"]), sha256=document["sha256"]
        ),
    ):
        with refused("delivery_recalled"):
            look()
    assert bea.read(bea.received(message)["documents"][0]) == b"first"
    assert (mails("recalled", ben), mails("recalled")) == (1, 1)
    assert services.inbox_list(peer=ben.peer)["messages"][0]["state"] == "recalled"


def test_recall_from_all_ends_the_message_and_again_does_no_harm(ana, ben, bea):
    message = delivered(ana, ben, bea)
    for _ in range(3):
        shown = recall(ana, message)
        assert (shown["state"], states(shown)) == ("recalled", ["recalled"] * 2)
    assert (events("message.recalled"), events("delivery.recalled"), mails("recalled")) == (1, 2, 2)
    for act in (lambda: extend(ana, message, 20), lambda: remind(ana, message)):
        with refused("message_not_sent"):
            act()
    days_pass(30)
    services.deliveries_expire()
    assert (ana.sent(message)["state"], ben.received(message)["state"]) == ("recalled", "recalled")


def test_recalled_from_one_after_the_other_it_is_recalled_at_last(ana, ben, bea):
    message = delivered(ana, ben, bea)
    assert recall(ana, message, bea)["state"] == "sent"
    assert recall(ana, message, ben)["state"] == "recalled"


def test_who_waits_to_enrol_is_withdrawn_by_a_recall(ana, ben, bea):
    with scopes_disabled():
        User.objects.filter(id=bea.peer.user.id).update(state=User.State.INVITED)
    message = delivered(ana, ben, bea)
    assert states(message) == ["invited", "delivered"]
    recall(ana, message, bea)
    with scopes_disabled():
        User.objects.filter(id=bea.peer.user.id).update(state=User.State.ACTIVE)
    assert services.waiting_deliver() == 0
    with refused("not_found"):
        bea.received(message)


@pytest.mark.django_db(transaction=True)
def test_recalls_and_openings_at_the_same_time_end_recalled_and_told_once(ana, ben, bea):
    message = delivered(ana, ben, bea)
    faults = together(
        lambda: recall(ana, message),
        lambda: recall(ana, message, ben),
        lambda: ben.received(message),
        lambda: extend(ana, message, 30),
    )
    assert {getattr(fault, "code", fault) for fault in faults} <= {"message_not_sent"}
    assert states(ana.sent(message)) == ["recalled"] * 2
    assert (ben.received(message)["state"], events("delivery.recalled"), mails("recalled")) == ("recalled", 2, 2)


def test_extending_counts_from_now_and_keeps_to_the_policy(ana, ben, organisations):
    message = delivered(ana, ben)
    policy(organisations["aster"], expires_days_most=30)
    for days in (0, -1):
        with refused("expiry_invalid") as refusal:
            extend(ana, message, days)
        assert refusal.error.members == {"limit": 30}
    with refused("policy_refused") as refusal:
        extend(ana, message, 31)
    assert refusal.error.members == {"policy": "expires_days_most", "set_by": "organisation", "limit": 30}
    terms(organisations["birch"], expires_days_most=20)
    with refused("policy_refused") as refusal:
        extend(ana, message, 30)
    assert refusal.error.members == {"policy": "expires_days_most", "set_by": "connection", "limit": 20}
    terms(organisations["birch"], expires_days_most=40)
    with refused("expiry_not_later"):
        extend(ana, message, 14 - 1)
    later = extend(ana, message, 30)["expires_at"]
    assert later > message["expires_at"]
    assert ben.received(message)["expires_at"] == later
    assert events("message.extended") == events("delivery.extended") == 1


def test_what_has_expired_opens_again_as_far_as_it_had_come(ana, ben, bea, mate):
    message = delivered(ana, ben, bea, mate)
    ben.read(ben.received(message)["documents"][0])
    bea.received(message)
    days_pass(15)
    services.deliveries_expire()
    shown = ana.sent(message)
    assert (shown["state"], states(shown)) == ("expired", ["expired"] * 3)
    document = bea.received(message)["documents"][0]
    with refused("delivery_expired"):
        bea.transfer(document)
    shown = extend(ana, message, 5)
    assert (shown["state"], states(shown)) == ("sent", ["opened", "downloaded", "delivered"])
    assert bea.read(document) == b"content"


def test_what_was_held_until_it_expired_cannot_be_opened_again(ana, ben):
    message = ana.send(b"x", to=[ben])
    with scopes_disabled():
        Message.objects.update(state=Message.State.HELD)
        Job.objects.update(state=Job.State.HELD)
    days_pass(15)
    services.deliveries_expire()
    assert ana.sent(message)["state"] == "expired"
    with refused("message_not_sent"):
        extend(ana, message, 5)


def test_an_invitation_that_expired_waits_again_once_it_is_extended(ana, bea):
    with scopes_disabled():
        User.objects.filter(id=bea.peer.user.id).update(state=User.State.INVITED)
    message = delivered(ana, bea)
    days_pass(15)
    services.deliveries_expire()
    assert (states(ana.sent(message)), mails("expired_unread", ana)) == (["expired"], 1)
    assert states(extend(ana, message, 5)) == ["invited"]
    with scopes_disabled():
        User.objects.filter(id=bea.peer.user.id).update(state=User.State.ACTIVE)
    assert services.waiting_deliver() == 1
    assert bea.received(message)["documents"]


def test_reminding_reaches_who_has_not_opened_and_once_a_day(ana, ben, bea):
    message = delivered(ana, ben, bea)
    ben.received(message)
    assert states(remind(ana, message)) == ["delivered", "opened"]
    assert (mails("reminder", bea), mails("reminder")) == (1, 1)
    with refused("reminded_already") as refusal:
        remind(ana, message)
    assert set(refusal.error.members) == {"again_at"}
    days_pass(1.1)
    remind(ana, message)
    assert mails("reminder") == 2
    bea.received(message)
    with refused("nothing_to_remind"):
        remind(ana, message)
    assert (events("message.reminded"), mails("reminder")) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_reminders_at_the_same_time_are_one_mail(ana, ben):
    message = delivered(ana, ben)
    faults = together(*[lambda: remind(ana, message)] * 4)
    assert [fault.code for fault in faults] == ["reminded_already"] * 3
    assert (mails("reminder"), events("message.reminded")) == (1, 1)


def test_no_mail_says_what_was_sent(ana, ben):
    message = delivered(ana, ben, subject="Secret-subject", note="Secret-note")
    remind(ana, message)
    recall(ana, message)
    with scopes_disabled():
        told = "".join(row.context for row in Notification.objects.filter(event__in=["reminder", "recalled"]))
    assert "until" in told
    assert "Secret" not in told


def test_a_recipient_added_afterwards_gets_what_is_there_without_a_copy(ana, ben, bea, mate):
    message = delivered(ana, ben, contents=(b"one", b"two"))
    with scopes_disabled():
        before = set(Delivery.objects.get().documents.values_list("object", flat=True))
    shown = add(ana, message, bea, mate)
    assert (shown["state"], states(shown)) == ("sent", ["delivered"] * 3)
    assert [bea.read(document) for document in bea.received(message)["documents"]] == [b"one", b"two"]
    assert mate.received(message)["subject"] == "Subject"
    with scopes_disabled():
        for row in Delivery.objects.all():
            assert set(row.documents.values_list("object", flat=True)) == before
    assert add(ana, message, bea, ben)["deliveries"] == ana.sent(message)["deliveries"]  # again, without harm
    assert events("message.recipients_added") == 1


def test_who_cannot_be_added(ana, ben, bea, cem, organisations, settings):
    message = delivered(ana, ben, bea)
    policy(ana.peer.tenant, guests_invited_by="nobody")
    with refused("recipient_unreachable"):
        add(ana, message, cem)
    with refused("recipients_missing"):
        add(ana, message)
    recall(ana, message, bea)
    with refused("recipient_recalled") as refusal:
        add(ana, message, bea)
    assert refusal.error.members == {"logins": [bea.login]}
    settings.SEALPOST_RECIPIENTS_MAX = 2
    with refused("too_many_recipients"):
        add(ana, message, ana)
    days_pass(15)
    with refused("message_not_sent"):
        add(ana, message, ana)
    with scopes_disabled():
        assert Recipient.objects.count() == 2


def test_an_added_recipient_s_organisation_has_its_say(ana, ben, organisations):
    message = delivered(ana, ana, contents=(b"plain text",), expires_days=30)
    terms(organisations["birch"], expires_days_most=20)
    with refused("policy_refused") as refusal:
        add(ana, message, ben)
    assert refusal.error.members == {"policy": "expires_days_most", "set_by": "connection", "limit": 20}
    terms(organisations["birch"])
    for member, value in {"types_allowed": ["image/*"], "not_scanned": "hold"}.items():
        policy(organisations["birch"], **{member: value})
        with refused("policy_refused") as refusal:
            add(ana, message, ben)
        assert refusal.error.members == {"policy": member, "set_by": "partner"}
    with scopes_disabled():
        assert Recipient.objects.count() == 1
    policy(organisations["birch"])
    policy(organisations["aster"], downloads_most=1)
    add(ana, message, ben)
    assert ben.received(message)["downloads_most"] == 1


def test_while_an_organisation_is_suspended_what_was_added_waits(ana, ben, organisations):
    message = delivered(ana, ana)
    services.recipients_add(peer=ana.peer, message_id=UUID(message["id"]), logins=[ben.login])
    with scopes_disabled():
        Tenant.objects.filter(id=organisations["birch"].id).update(state=Tenant.State.SUSPENDED)
    assert states(ana.work(message)) == ["delivered", "waiting"]
    assert services.waiting_deliver() == 0
    with scopes_disabled():
        Tenant.objects.filter(id=organisations["birch"].id).update(state=Tenant.State.ACTIVE)
    assert services.waiting_deliver() == 1
    assert ben.received(message)["documents"]


@needs_sandbox
def test_nobody_gets_a_document_without_the_step_that_was_to_name_them(ana, ben, organisations, tmp_path):
    """The work for the one added fails while their organisation is suspended: they get nothing when it is resumed."""
    steps = [{"step": "pdf.stamp", "parameters": {"text": "For {recipient}"}}]
    upload = ana.upload(pdf(tmp_path / "contract.pdf", pages=1).read_bytes(), name="contract.pdf")
    message = delivered(ana, ana, contents=(), uploads=[upload], steps=steps)
    services.recipients_add(peer=ana.peer, message_id=UUID(message["id"]), logins=[ben.login])
    assert services.waiting_deliver() == 0  # the job does it, not the wait
    with scopes_disabled():
        Job.objects.update(state=Job.State.DONE)
    assert services.waiting_deliver() == 0
    assert states(ana.sent(message)) == ["delivered", "refused"]
    with refused("not_found"):
        ben.received(message)


def test_who_was_not_deliverable_is_tried_again_when_added_again(ana, ben, bea):
    message = ana.send(b"x", to=[ben, bea])
    with scopes_disabled():
        User.objects.filter(id=bea.peer.user.id).update(state=User.State.REMOVED)
    assert states(ana.work(message)) == ["refused", "delivered"]
    with scopes_disabled():
        User.objects.filter(id=bea.peer.user.id).update(state=User.State.ACTIVE)
    assert states(add(ana, message, bea)) == ["delivered", "delivered"]


@needs_sandbox
def test_a_step_that_names_the_recipient_is_run_for_the_one_added(ana, ben, bea, tmp_path):
    steps = [{"step": "file.scrub", "parameters": {}}, {"step": "pdf.stamp", "parameters": {"text": "For {recipient}"}}]
    content = pdf(tmp_path / "contract.pdf", pages=1).read_bytes()
    upload = ana.upload(content, name="contract.pdf")
    message = delivered(ana, ben, contents=(), uploads=[upload], steps=steps)
    with scopes_disabled():
        before = set(JobOutput.objects.values_list("id", flat=True))
    assert states(add(ana, message, bea)) == ["delivered", "delivered"]
    assert f"For {bea.login}" in pdf_texts(bea.read(bea.received(message)["documents"][0]))[0]
    assert f"For {ben.login}" in pdf_texts(ben.read(ben.received(message)["documents"][0]))[0]
    with scopes_disabled():
        assert JobOutput.objects.exclude(id__in=before).count() == 1  # what was made for all was not made again


def test_an_addition_that_fails_leaves_the_others_what_they_have(ana, ben, bea):
    message = delivered(ana, ben)
    services.recipients_add(peer=ana.peer, message_id=UUID(message["id"]), logins=[bea.login])
    with refused("job_finished"):
        services.job_cancel(peer=ana.peer, message_id=UUID(message["id"]))
    with scopes_disabled():
        Job.objects.update(attempts=3)
    shown = ana.work(message)
    assert (shown["state"], shown["job"]["state"], states(shown)) == ("sent", "done", ["refused", "delivered"])
    assert events("message.addition_failed") == 1
    assert states(add(ana, message, bea)) == ["delivered", "delivered"]


def test_who_is_added_while_the_work_runs_gets_a_run_of_their_own(ana, ben, bea, mate, monkeypatch):
    message = delivered(ana, ben)
    services.recipients_add(peer=ana.peer, message_id=UUID(message["id"]), logins=[bea.login])
    module = sys.modules[services.job_run.__module__]
    addition_deliver = module.addition_deliver

    def meanwhile(*given) -> None:
        services.recipients_add(peer=ana.peer, message_id=UUID(message["id"]), logins=[mate.login])
        addition_deliver(*given)

    monkeypatch.setattr(module, "addition_deliver", meanwhile)
    assert states(ana.work(message)) == ["delivered", "delivered", "waiting"]
    monkeypatch.setattr(module, "addition_deliver", addition_deliver)
    assert job_of(message).state == Job.State.QUEUED
    assert states(ana.work(message)) == ["delivered"] * 3


def test_whom_a_recall_reaches_before_the_work_gets_nothing(ana, ben, bea):
    message = delivered(ana, ben)
    services.recipients_add(peer=ana.peer, message_id=UUID(message["id"]), logins=[bea.login])
    recall(ana, message, bea)
    assert states(ana.work(message)) == ["recalled", "delivered"]
    with refused("not_found"):
        bea.received(message)


def test_archived_is_out_of_the_list_and_read_by_nobody(ana, ben):
    message = delivered(ana, ben)
    message_id = UUID(message["id"])
    for box, person, archive in (
        (services.inbox_list, ben, services.inbox_archive),
        (services.outbox_list, ana, services.outbox_archive),
    ):
        for _ in range(2):  # again, without harm
            assert archive(peer=person.peer, message_id=message_id, archived=True)["archived_at"]
            assert box(peer=person.peer)["messages"] == []
            assert [row["id"] for row in box(peer=person.peer, archived=True)["messages"]] == [message["id"]]
        for _ in range(2):
            assert archive(peer=person.peer, message_id=message_id, archived=False)["archived_at"] is None
            assert box(peer=person.peer, archived=True)["messages"] == []
            assert len(box(peer=person.peer)["messages"]) == 1
    assert states(ana.sent(message)) == ["delivered"]
    for noun in ("delivery", "message"):
        assert (events(f"{noun}.archived"), events(f"{noun}.unarchived")) == (1, 1)
