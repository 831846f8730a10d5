"""How often a document may be fetched: what counts, what does not, and that nobody gets one too many."""

from dataclasses import replace
from uuid import UUID

import pytest
from django_scopes import scope, scopes_disabled

from exchange import services
from exchange.models import Delivery, MailboxMember, Message
from tests.exchange.desk import Desk, desk
from tests.exchange.lifecycle import together
from tests.refusal import refused


def limited(sender: Desk, reader: Desk, most: int | None) -> tuple[dict, dict]:
    """A delivered message of one document with a limit: the message, and the document as it was received."""
    message = sender.send(b"content", to=[reader])
    with scopes_disabled():
        Message.objects.filter(id=message["id"]).update(downloads_most=most)
    sender.work(message)
    return message, reader.received(message)["documents"][0]


def counted(message: dict, sender: Desk, reader: Desk) -> tuple:
    """Downloads and what is left of them, as the reader sees it, and downloads as the sender does."""
    document = reader.received(message)["documents"][0]
    return document["downloads"], document["downloads_left"], sender.sent(message)["deliveries"][0]["downloads"]


def shared(message: dict, *people: Desk) -> None:
    """Make the mailbox of the message that of these people too."""
    with scopes_disabled():
        delivery = Delivery.objects.get(message_id=message["id"])
    for person in people:
        with scope(tenant=person.peer.tenant):
            MailboxMember.objects.create(tenant=person.peer.tenant, mailbox=delivery.mailbox, user=person.peer.user)


def test_each_download_counts_and_after_the_last_nothing_is_to_be_had(ana, ben):
    message, document = limited(ana, ben, 2)
    assert counted(message, ana, ben) == (0, 2, 0)
    preview = ben.transfer(document, "preview")
    assert ben.content(preview)
    ben.read(document)
    assert counted(message, ana, ben) == (1, 1, 1)
    ben.read(document)
    assert counted(message, ana, ben) == (2, 0, 2)
    for look in (
        lambda: ben.transfer(document),
        lambda: ben.transfer(document, "preview"),
        lambda: ben.content(preview),
    ):
        with refused("download_limit_reached") as refusal:
            look()
        assert refusal.error.members == {"limit": 2}
        assert refusal.error.status == 403


def test_without_a_limit_downloads_are_counted_and_never_end(ana, ben):
    message, document = limited(ana, ben, None)
    for _ in range(3):
        ben.read(document)
    assert counted(message, ana, ben) == (3, None, 3)
    assert ben.received(message)["downloads_most"] is None


def test_resuming_does_not_count_and_the_last_one_may_be_finished(ana, ben):
    message, document = limited(ana, ben, 1)
    transfer = ben.transfer(document)
    whole = ben.content(transfer)
    for at in (0, 1, 41):
        again = ben.transfer(document)
        assert again == transfer
        assert ben.content(again, at) == whole[at:]
    assert counted(message, ana, ben) == (1, 0, 1)
    services.transfer_received(peer=ben.peer, transfer_id=UUID(transfer["transfer"]), sha256=document["sha256"])
    services.transfer_received(peer=ben.peer, transfer_id=UUID(transfer["transfer"]), sha256=document["sha256"])
    with refused("not_found"):
        ben.content(transfer)  # it was received: the bytes are not to be had a second time by it


def test_a_new_password_in_the_middle_of_a_download_costs_none(ana, ben):
    message, document = limited(ana, ben, 1)
    transfer = ben.transfer(document)
    changed = Desk(replace(ben.peer, kid=bytes(16)))
    again = changed.transfer(document)
    assert again["transfer"] != transfer["transfer"]
    assert changed.content(again)
    assert counted(message, ana, ben) == (1, 0, 1)


def test_the_sender_s_own_documents_have_no_limit(ana, ben):
    message, _ = limited(ana, ben, 1)
    for _ in range(3):
        ana.read(ana.sent(message)["documents"][0])
    assert counted(message, ana, ben) == (0, 1, 0)


def test_of_a_shared_mailbox_every_member_s_download_counts(ana, ben, organisations):
    message, document = limited(ana, ben, 2)
    bea, bob = (desk(organisations["birch"], f"{name}@birch.example") for name in ("bea", "bob"))
    shared(message, bea, bob)
    ben.read(document)
    assert bea.read(document) == b"content"
    with refused("download_limit_reached"):
        bob.transfer(document)
    assert counted(message, ana, ben) == (2, 0, 2)


@pytest.mark.django_db(transaction=True)
def test_the_last_download_goes_to_one_of_many(ana, ben, organisations):
    message, document = limited(ana, ben, 2)
    others = [desk(organisations["birch"], f"reader{number}@birch.example") for number in range(4)]
    shared(message, *others)
    faults = together(*[lambda one=one: one.transfer(document) for one in (ben, *others)])
    assert [fault.code for fault in faults] == ["download_limit_reached"] * 3
    assert counted(message, ana, ben) == (2, 0, 2)


@pytest.mark.django_db(transaction=True)
def test_one_download_begun_by_several_requests_counts_once(ana, ben):
    message, document = limited(ana, ben, 2)
    assert together(*[lambda: ben.transfer(document)] * 4) == []
    assert counted(message, ana, ben) == (1, 1, 1)
