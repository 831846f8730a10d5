"""Putting a message out of the list, and back: it counts as read nothing and changes nothing for the other side."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.peer import Peer
from accounts.services import event_record
from exchange.models import Delivery, Message
from exchange.services.inbox import delivery_find
from exchange.services.outbox import message_find
from exchange.services.shapes import moment


def inbox_archive(*, peer: Peer, message_id: UUID, archived: bool, mailbox: UUID | None = None) -> dict[str, Any]:
    """Archive a received message or bring it back, for everybody of its mailbox; again without harm. NotFound."""
    with scope(tenant=peer.tenant):
        return _archive(peer, delivery_find(peer=peer, message_id=message_id, mailbox=mailbox), archived)


def outbox_archive(*, peer: Peer, message_id: UUID, archived: bool) -> dict[str, Any]:
    """Archive a sent message or bring it back; again without harm. NotFound."""
    with scope(tenant=peer.tenant):
        return _archive(peer, message_find(peer=peer, message_id=message_id), archived)


@transaction.atomic
def _archive(peer: Peer, row: Delivery | Message, archived: bool) -> dict[str, Any]:
    """`{"archived_at"}`, after an event where something changed."""
    at = timezone.now() if archived else None
    noun, verb = type(row).__name__.lower(), "archived" if archived else "unarchived"
    if type(row).objects.filter(id=row.id, archived_at__isnull=archived).update(archived_at=at):
        event_record(tenant_id=peer.tenant.id, actor=peer.user, action=f"{noun}.{verb}", subject=row.id)
        row.archived_at = at
    return {"archived_at": moment(row.archived_at)}
