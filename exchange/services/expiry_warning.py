"""Three days before something unread expires, both sides are told, once."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.services import event_record
from exchange.models import Delivery, Message, Recipient
from exchange.services.expiry import AT_ONCE
from exchange.services.guests import outsiders_tell_again
from exchange.services.lifecycle_notices import expiring_notices

_BEFORE = timedelta(days=3)
_log = logging.getLogger("sealpost.lifecycle")


def expiries_warn() -> int:
    """Tell of every delivery that nobody has opened and every invitation that nobody has taken; of how many.

    Each in a transaction of its own, marked as told in it. What lives for less than six days is told of halfway.
    """
    told = 0
    with scopes_disabled():
        for tell, ids in ((_delivery_warn, _deliveries_due()), (_invited_warn, _invited_due())):
            for row_id in list(ids[:AT_ONCE]):
                try:
                    told += tell(row_id)
                except Exception as error:  # one that cannot be told of must not keep the others back
                    _log.error("expiry of %s: %s", row_id, type(error).__name__)
    return told


def _soon(now: datetime, end: str) -> Q:
    """Expires within three days, and more of its time has passed than is left."""
    return Q(**{f"{end}__gt": now, f"{end}__lte": now + _BEFORE, "left__lte": F("past")})


def _deliveries_due() -> QuerySet[Delivery, UUID]:
    now = timezone.now()
    rows = Delivery.objects.filter(state=Recipient.State.DELIVERED, expiry_told_at=None)
    rows = rows.alias(left=F("expires_at") - now, past=now - F("delivered_at"))
    return rows.filter(_soon(now, "expires_at")).values_list("id", flat=True)


def _invited_due() -> QuerySet[Recipient, UUID]:
    now = timezone.now()
    rows = Recipient.objects.filter(state=Recipient.State.INVITED, expiry_told_at=None)
    rows = rows.filter(message__state=Message.State.SENT)
    rows = rows.alias(left=F("message__expires_at") - now, past=now - F("message__sent_at"))
    return rows.filter(_soon(now, "message__expires_at")).values_list("id", flat=True)


@transaction.atomic
def _delivery_warn(delivery_id: UUID) -> bool:
    unread = Delivery.objects.filter(id=delivery_id, state=Recipient.State.DELIVERED, expiry_told_at=None)
    if not unread.update(expiry_told_at=timezone.now()):
        return False
    delivery = Delivery.objects.get(id=delivery_id)
    recipients = list(Recipient.objects.filter(id=delivery.recipient_id))
    message = Message.objects.select_related("tenant", "sender").filter(id=delivery.message_id).first()
    if message is not None:
        expiring_notices(message=message, recipients=recipients)
    event_record(tenant_id=delivery.tenant_id, actor=None, action="delivery.expiring", subject=delivery.id)
    return True


@transaction.atomic
def _invited_warn(recipient_id: UUID) -> bool:
    waiting = Recipient.objects.filter(id=recipient_id, state=Recipient.State.INVITED, expiry_told_at=None)
    if not waiting.update(expiry_told_at=timezone.now()):
        return False
    recipient = Recipient.objects.get(id=recipient_id)
    message = Message.objects.select_related("tenant", "sender").get(id=recipient.message_id)
    outside = bool(recipient.address_index)
    expiring_notices(message=message, recipients=[] if outside else [recipient])
    if outside:  # they are invited anew: the mail says until when, and how to enrol
        with scope(tenant=message.tenant):
            outsiders_tell_again(message=message, recipients=[recipient])
    event_record(tenant_id=message.tenant_id, actor=None, action="message.expiring", subject=message.id)
    return True
