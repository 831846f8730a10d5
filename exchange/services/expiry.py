"""What ends by the passing of time: deliveries, and the messages behind them."""

import logging
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.services import event_record
from exchange.models import Delivery, Job, Message, Recipient
from exchange.services.both_sides import delivery_advance, delivery_lock
from exchange.services.lifecycle_notices import expired_unread_notice

AT_ONCE = 500
_LIVE = [Recipient.State.DELIVERED, Recipient.State.OPENED, Recipient.State.DOWNLOADED]
_WAITED_FOR = [Recipient.State.WAITING, Recipient.State.INVITED]
_log = logging.getLogger("sealpost.lifecycle")


def deliveries_expire() -> int:
    """End every delivery and message that has reached its expiry, on both sides; how many deliveries.

    Each in a transaction of its own, so that what is stopped half-way goes on at the next time. The sender of something
    that nobody has opened is told.
    """
    ended = 0
    with scopes_disabled():
        due = Delivery.objects.filter(state__in=_LIVE, expires_at__lte=timezone.now())
        for delivery_id in list(due.values_list("id", flat=True)[:AT_ONCE]):
            try:
                ended += _delivery_expire(delivery_id)
            except Exception as error:  # one that cannot be ended must not keep the others back
                _log.error("delivery %s: %s", delivery_id, type(error).__name__)
        _messages_expire()
    return ended


@transaction.atomic
def _delivery_expire(delivery_id: UUID) -> bool:
    row = delivery_lock(delivery_id)
    if row.expires_at > timezone.now():  # extended meanwhile
        return False
    if not delivery_advance(delivery_id=delivery_id, state=Recipient.State.EXPIRED):
        return False
    event_record(tenant_id=row.tenant_id, actor=None, action="delivery.expired", subject=delivery_id)
    if row.opened_at is None:
        message = Message.objects.select_related("tenant", "sender").filter(id=row.message_id).first()
        if message is not None:
            expired_unread_notice(message=message)
    return True


def _messages_expire() -> None:
    """Sent messages, and held ones, which nobody may try again then. One that is being worked on is left to end."""
    over = [Message.State.SENT, Message.State.HELD]
    due = Message.objects.filter(state__in=over, expires_at__lte=timezone.now())
    for message_id in list(due.values_list("id", flat=True)[:AT_ONCE]):
        try:
            _message_expire(message_id)
        except Exception as error:
            _log.error("message %s: %s", message_id, type(error).__name__)


@transaction.atomic
def _message_expire(message_id: UUID) -> None:
    """Who has not enrolled until then, or is suspended with their organisation, is waited for no longer."""
    Job.objects.filter(message_id=message_id, state=Job.State.HELD).update(state=Job.State.CANCELLED)
    rows = Message.objects.select_related("tenant", "sender").select_for_update(of=("self",))
    message = rows.filter(id=message_id, expires_at__lte=timezone.now()).first()
    if message is None or message.state not in {Message.State.SENT, Message.State.HELD}:
        return
    recipients = Recipient.objects.filter(message=message, state__in=_WAITED_FOR)
    sent = message.state == Message.State.SENT
    unread = recipients.update(state=Recipient.State.EXPIRED)
    message.state = Message.State.EXPIRED
    message.save(update_fields=["state"])
    event_record(tenant_id=message.tenant_id, actor=None, action="message.expired", subject=message_id)
    if sent and unread:
        expired_unread_notice(message=message)
