"""What a user has sent, and how far it came."""

import json
from typing import Any
from uuid import UUID

from django.db.models import Count, Sum
from django_scopes import scope

from accounts.peer import Peer
from exchange.errors import NotFound
from exchange.models import Message, Recipient
from exchange.services.paging import page
from exchange.services.shapes import document_shape, job_shape, moment, recipient_shape
from exchange.services.step_items import items_shape


def _item(message: Message, *, documents: int, size: int) -> dict[str, Any]:
    return {
        "id": str(message.id),
        "subject": message.subject,
        "recipients": sorted(row.login for row in message.recipients.all()),
        "sent_at": moment(message.sent_at),
        "expires_at": moment(message.expires_at),
        "state": message.state,
        "archived_at": moment(message.archived_at),
        "erased_at": moment(message.erased_at),
        "documents": documents,
        "size": size,
        "invited": sum(row.state == Recipient.State.INVITED for row in message.recipients.all()),
    }


def outbox_list(*, peer: Peer, before: str | None = None, archived: bool = False) -> dict[str, Any]:
    """A page of the outbox, of what is archived or not; three queries whatever it holds."""
    with scope(tenant=peer.tenant):
        mine = Message.objects.filter(sender=peer.user, kind=Message.Kind.MESSAGE, archived_at__isnull=not archived)
        mine = mine.defer("note_sealed", "steps_sealed")
        mine = mine.annotate(files=Count("documents"), bytes=Sum("documents__size", default=0))
        rows, following = page(mine.prefetch_related("recipients"), before=before, by="sent_at")
        return {"messages": [_item(row, documents=row.files, size=row.bytes) for row in rows], "next": following}


def message_find(*, peer: Peer, message_id: UUID) -> Message:
    """The user's own message. NotFound. The caller holds the scope."""
    rows = Message.objects.filter(id=message_id, sender=peer.user).select_related("job")
    message = rows.prefetch_related("documents", "recipients").first()
    if message is None:
        raise NotFound
    return message


def outbox_show(*, peer: Peer, message_id: UUID) -> dict[str, Any]:
    """One message in detail, its deliveries and the work on it. NotFound."""
    with scope(tenant=peer.tenant):
        message = message_find(peer=peer, message_id=message_id)
        documents = list(message.documents.all())
        return _item(message, documents=len(documents), size=sum(row.size for row in documents)) | {
            "note": message.note,
            "downloads_most": message.downloads_most,
            "documents": [] if message.erased_at else [document_shape(row) for row in documents],
            "steps": items_shape(json.loads(message.steps or "[]")),
            "job": job_shape(message.job, message.recipients.all()),
            "deliveries": sorted(map(recipient_shape, message.recipients.all()), key=lambda row: str(row["login"])),
        }
