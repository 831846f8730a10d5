"""A reminder by e-mail to those who have not opened a message."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.peer import Peer
from accounts.services import event_record
from exchange.lifecycle_errors import NothingToRemind, RemindedAlready
from exchange.models import Message, Recipient
from exchange.services.guests import outsiders_tell_again
from exchange.services.lifecycle_notices import reminder_notices
from exchange.services.outbox import outbox_show
from exchange.services.sent_message import sent_lock

_AGAIN = timedelta(hours=24)
_UNREAD = (Recipient.State.DELIVERED, Recipient.State.INVITED)


@transaction.atomic
def message_remind(*, peer: Peer, message_id: UUID) -> dict[str, Any]:
    """Remind everybody who has not opened it, each at most once in 24 hours; who is outside and has not enrolled is
    invited anew. Returns the outbox detail.

    NotFound, MessageNotSent, ContentErased, NothingToRemind, RemindedAlready with `again_at`.
    """
    with scope(tenant=peer.tenant):
        message, recipients = sent_lock(peer=peer, message_id=message_id, states={Message.State.SENT})
        unread = [one for one in recipients if one.state in _UNREAD]
        if not unread:
            raise NothingToRemind
        now = timezone.now()
        due = [one for one in unread if _due(one, now)]
        if not due:
            first = min(one.reminded_at for one in unread if one.reminded_at)
            raise RemindedAlready(again_at=(first + _AGAIN).isoformat())
        Recipient.objects.filter(id__in=[one.id for one in due]).update(reminded_at=now)
        outside = [one for one in due if one.state == Recipient.State.INVITED and one.address_index]
        reminder_notices(message=message, recipients=[one for one in due if one not in outside], at=now)
        outsiders_tell_again(message=message, recipients=outside)
        details = {"recipients": len(due)}
        event_record(
            tenant_id=peer.tenant.id, actor=peer.user, action="message.reminded", subject=message.id, details=details
        )
        return outbox_show(peer=peer, message_id=message.id)


def _due(recipient: Recipient, now: datetime) -> bool:
    return recipient.reminded_at is None or recipient.reminded_at <= now - _AGAIN
