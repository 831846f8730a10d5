"""More time for a message, also for one that has expired and is not erased yet."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.peer import Peer
from accounts.services import event_record, tenant_open_check
from exchange.errors import ExpiryInvalid
from exchange.lifecycle_errors import ExpiryNotLater, MessageNotSent
from exchange.models import Job, Message, Recipient
from exchange.services.both_sides import deliveries_extend
from exchange.services.job_deliver import places_find
from exchange.services.outbox import outbox_show
from exchange.services.policy_check import days_check, parties_of
from exchange.services.sent_message import sent_lock

_UNDELIVERED = (Job.State.HELD, Job.State.CANCELLED)


@transaction.atomic
def message_extend(*, peer: Peer, message_id: UUID, expires_days: int) -> dict[str, Any]:
    """Make it available for `expires_days` from now. Returns the outbox detail.

    NotFound, MessageNotSent, ContentErased, ExpiryInvalid, PolicyRefused beyond the most that anybody concerned allows,
    ExpiryNotLater where it lasts longer already, TenantClosing.
    """
    tenant_open_check(peer)
    with scope(tenant=peer.tenant):
        states = {Message.State.SENT, Message.State.EXPIRED}
        message, recipients = sent_lock(peer=peer, message_id=message_id, states=states)
        if Job.objects.filter(message=message, state__in=_UNDELIVERED).exists():
            raise MessageNotSent  # it was held until it expired: there is nothing to open again
        _days_check(peer, recipients, expires_days)
        until = timezone.now() + timedelta(days=expires_days)
        if until <= message.expires_at:
            raise ExpiryNotLater
        _extend(message, recipients, until)
        details = {"days": expires_days}
        event_record(
            tenant_id=peer.tenant.id, actor=peer.user, action="message.extended", subject=message.id, details=details
        )
        return outbox_show(peer=peer, message_id=message.id)


def _days_check(peer: Peer, recipients: list[Recipient], days: int) -> None:
    """ExpiryInvalid, PolicyRefused."""
    with_it = [one for one in recipients if one.state not in {Recipient.State.RECALLED, Recipient.State.REFUSED}]
    parties = parties_of(peer.tenant, [place.tenant for place in places_find(with_it).values()])
    if days < 1:
        raise ExpiryInvalid(limit=parties.effective.expires_days_most)
    days_check(parties, days, done="changed")


def _extend(message: Message, recipients: list[Recipient], until: datetime) -> None:
    message.state, message.expires_at = Message.State.SENT, until
    message.save(update_fields=["state", "expires_at"])
    states = deliveries_extend(message=message, recipients=recipients, until=until)
    for one in recipients:
        one.expiry_told_at = None
        if one.state == Recipient.State.EXPIRED and one.delivered_at is None:
            one.state = Recipient.State.INVITED  # expired before they had enrolled; they are waited for again
        one.state = states.get(one.id, one.state)
    Recipient.objects.bulk_update(recipients, ["state", "expiry_told_at"])
