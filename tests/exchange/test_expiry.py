"""Time passes: who is told three days before, what expires, and that it happens once whatever is interrupted."""

import sys

import pytest
from django_scopes import scopes_disabled

from accounts.models import Notification, User
from accounts.services import chain_verify
from exchange import services
from exchange.models import Delivery
from tests.exchange.desk import desk
from tests.exchange.lifecycle import days_pass, delivered, events, extend, mails, states, together

warning = sys.modules[services.expiries_warn.__module__]
expiry = sys.modules[services.deliveries_expire.__module__]


def test_three_days_before_something_unread_expires_both_sides_are_told_once(ana, ben):
    delivered(ana, ben)
    days_pass(10.9)
    assert services.expiries_warn() == 0
    days_pass(0.2)
    assert [services.expiries_warn() for _ in range(3)] == [1, 0, 0]
    assert (mails("expiring_recipient", ben), mails("expiring_recipient")) == (1, 1)
    assert (mails("expiring_sender", ana), mails("expiring_sender")) == (1, 1)
    assert events("delivery.expiring") == 1


def test_the_sender_hears_once_of_a_message_that_several_have_not_opened(ana, ben, organisations):
    bea = desk(organisations["birch"], "bea@birch.example")
    message = delivered(ana, ben, bea, ana)
    ana.received(message)
    days_pass(12)
    assert services.expiries_warn() == 2
    assert (mails("expiring_recipient"), mails("expiring_sender")) == (2, 1)


def test_what_was_opened_is_not_told_of_and_after_an_extension_it_is_told_of_anew(ana, ben):
    read, unread = delivered(ana, ben), delivered(ana, ben)
    ben.received(read)
    days_pass(12)
    assert services.expiries_warn() == 1
    extend(ana, unread, 10)
    assert services.expiries_warn() == 0
    days_pass(8)
    assert services.expiries_warn() == 1
    assert (mails("expiring_recipient", ben), mails("expiring_sender", ana)) == (2, 2)


def test_what_lives_for_two_days_is_told_of_halfway(ana, ben):
    delivered(ana, ben, expires_days=2)
    days_pass(0.9)
    assert services.expiries_warn() == 0
    days_pass(0.2)
    assert services.expiries_warn() == 1


def test_an_invitation_that_nobody_has_taken_is_told_of_too(ana, ben):
    with scopes_disabled():
        User.objects.filter(id=ben.peer.user.id).update(state=User.State.INVITED)
    delivered(ana, ben)
    days_pass(12)
    assert [services.expiries_warn() for _ in range(2)] == [1, 0]
    assert (mails("expiring_recipient", ben), mails("expiring_sender", ana)) == (1, 1)
    assert events("message.expiring") == 1


def test_nobody_who_was_removed_is_written_to(ana, ben):
    delivered(ana, ben)
    with scopes_disabled():
        User.objects.filter(id__in=[ana.peer.user.id, ben.peer.user.id]).update(state=User.State.REMOVED)
    days_pass(12)
    assert services.expiries_warn() == 1
    assert mails("expiring_recipient") + mails("expiring_sender") == 0


def test_the_mail_names_the_day_and_nothing_of_the_message(ana, ben):
    delivered(ana, ben, subject="Secret", note="Secret")
    days_pass(12)
    services.expiries_warn()
    with scopes_disabled():
        context = {row.context for row in Notification.objects.filter(event__startswith="expiring")}
        until = Delivery.objects.get().expires_at.date().isoformat()
    assert context == {f'{{"until": "{until}"}}'}


@pytest.mark.django_db(transaction=True)
def test_warnings_in_parallel_are_one_mail_and_one_event(ana, ben):
    delivered(ana, ben)
    days_pass(12)
    assert together(*[services.expiries_warn] * 4) == []
    assert (mails("expiring_recipient"), mails("expiring_sender"), events("delivery.expiring")) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_expiries_in_parallel_are_one_mail_and_one_event(ana, ben):
    delivered(ana, ben)
    days_pass(15)
    assert together(*[services.deliveries_expire] * 4) == []
    assert (mails("expired_unread"), events("delivery.expired"), events("message.expired")) == (1, 1, 1)
    with scopes_disabled():
        assert all(chain_verify(tenant_id=desk.peer.tenant.id).finding is None for desk in (ana, ben))


@pytest.mark.parametrize("task", ["expiries_warn", "deliveries_expire"])
def test_what_breaks_in_the_middle_is_whole_the_next_time(ana, ben, monkeypatch, task):
    """After the mail is written and before the event is: nothing of it is left, and the next run does all of it."""
    module = {"expiries_warn": warning, "deliveries_expire": expiry}[task]
    delivered(ana, ben)
    days_pass(12 if task == "expiries_warn" else 15)
    whole = module.event_record

    def broken(**_) -> None:
        raise OSError

    monkeypatch.setattr(module, "event_record", broken)
    getattr(services, task)()
    assert mails("expiring_sender") + mails("expired_unread") == 0
    monkeypatch.setattr(module, "event_record", whole)
    getattr(services, task)()
    assert mails("expiring_sender") + mails("expired_unread") == 1


def test_what_nobody_opened_is_told_its_sender_and_what_was_read_is_not(ana, ben, organisations):
    bea = desk(organisations["birch"], "bea@birch.example")
    message, read = delivered(ana, ben, bea), delivered(ana, ben)
    ben.received(read)
    days_pass(15)
    assert services.deliveries_expire() == 3
    assert services.deliveries_expire() == 0
    assert states(ana.sent(message)) == ["expired", "expired"]
    assert (mails("expired_unread", ana), mails("expired_unread")) == (1, 1)
    assert (events("delivery.expired"), events("message.expired")) == (3, 2)


def test_one_that_was_extended_in_the_meantime_does_not_expire(ana, ben, monkeypatch):
    message = delivered(ana, ben)
    days_pass(15)
    lock = expiry.delivery_lock

    def late(delivery_id) -> Delivery:
        extend(ana, message, 20)
        return lock(delivery_id)

    monkeypatch.setattr(expiry, "delivery_lock", late)
    assert services.deliveries_expire() == 0
    assert (ana.sent(message)["state"], ben.received(message)["state"]) == ("sent", "opened")
