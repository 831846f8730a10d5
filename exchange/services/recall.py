"""Taking a delivered message back, from everybody or from some."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.peer import Peer
from accounts.services import event_record
from exchange.models import Message, Recipient
from exchange.services.both_sides import deliveries_recall
from exchange.services.guests import outsider_guest, outsider_links_end
from exchange.services.outbox import outbox_show
from exchange.services.sent_message import recipients_named, sent_lock

_OVER = (Recipient.State.RECALLED, Recipient.State.REFUSED)


@transaction.atomic
def message_recall(*, peer: Peer, message_id: UUID, logins: Sequence[str] | None = None) -> dict[str, Any]:
    """Recall from these, or from all; again without harm. Returns the outbox detail.

    Recipients see that and when; note and documents are gone for them, and a running download ends at its next range.
    Who waits to enrol or to be delivered to is withdrawn. NotFound, MessageNotSent, ContentErased, RecipientUnknown.
    """
    states = {Message.State.SENT, Message.State.EXPIRED, Message.State.RECALLED}
    with scope(tenant=peer.tenant):
        message, recipients = sent_lock(peer=peer, message_id=message_id, states=states)
        ended = [one for one in recipients_named(recipients, logins) if one.state not in _OVER]
        if ended:
            _recall(peer, message, ended)
            left = [one for one in recipients if one not in ended and one.state not in _OVER]
            if not left:
                message.state, message.ended_at = Message.State.RECALLED, timezone.now()
                message.save(update_fields=["state", "ended_at"])
        return outbox_show(peer=peer, message_id=message.id)


def _recall(peer: Peer, message: Message, recipients: list[Recipient]) -> None:
    now = timezone.now()
    rows = Recipient.objects.filter(id__in=[one.id for one in recipients])
    rows.update(state=Recipient.State.RECALLED, recalled_at=now)
    deliveries_recall(message=message, recipients=recipients, at=now)
    details = {"recipients": len(recipients)}
    event_record(
        tenant_id=peer.tenant.id, actor=peer.user, action="message.recalled", subject=message.id, details=details
    )
    for one in recipients:
        if one.state == Recipient.State.INVITED and (guest := outsider_guest(one)):
            outsider_links_end(peer=peer, guest=guest)
