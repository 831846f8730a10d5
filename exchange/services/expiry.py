"""What ends by the passing of time: deliveries, and the messages behind them."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.services import event_record
from exchange.models import Delivery, Job, Message, Recipient
from exchange.services.across_tenants import delivery_advance

_AT_ONCE = 500


def deliveries_expire() -> int:
    """End every delivery and message that has reached its expiry, on both sides; how many deliveries."""
    live = [Recipient.State.DELIVERED, Recipient.State.OPENED, Recipient.State.DOWNLOADED]
    ended = 0
    with scopes_disabled():
        due = Delivery.objects.filter(state__in=live, expires_at__lte=timezone.now())
        for delivery_id, tenant_id in list(due.values_list("id", "tenant_id")[:_AT_ONCE]):
            with transaction.atomic():
                if delivery_advance(delivery_id=delivery_id, state=Recipient.State.EXPIRED):
                    event_record(tenant_id=tenant_id, actor=None, action="delivery.expired", subject=delivery_id)
                    ended += 1
        _messages_expire()
    return ended


def _messages_expire() -> None:
    """Sent messages, and held ones, which nobody may try again then. One that is being worked on is left to end."""
    over = [Message.State.SENT, Message.State.HELD]
    due = Message.objects.filter(state__in=over, expires_at__lte=timezone.now())
    for message_id, tenant_id in list(due.values_list("id", "tenant_id")[:_AT_ONCE]):
        with transaction.atomic():
            _message_expire(message_id, tenant_id)


def _message_expire(message_id: UUID, tenant_id: UUID) -> None:
    Job.objects.filter(message_id=message_id, state=Job.State.HELD).update(state=Job.State.CANCELLED)
    waited_for = [Recipient.State.WAITING, Recipient.State.INVITED]
    Recipient.objects.filter(message_id=message_id, state__in=waited_for).update(state=Recipient.State.EXPIRED)
    if Message.objects.filter(id=message_id).exclude(state=Message.State.EXPIRED).update(state=Message.State.EXPIRED):
        event_record(tenant_id=tenant_id, actor=None, action="message.expired", subject=message_id)
