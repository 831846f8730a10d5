"""What a user has received."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Sum
from django_scopes import scope

from accounts.peer import Peer
from accounts.services import event_record
from exchange.errors import NotFound
from exchange.models import Delivery, Recipient
from exchange.services.across_tenants import delivery_advance
from exchange.services.paging import page
from exchange.services.shapes import document_shape, moment


def _item(delivery: Delivery, *, documents: int, size: int) -> dict[str, Any]:
    return {
        "id": str(delivery.message_id),
        "subject": delivery.subject,
        "sender": {
            "login": delivery.sender_login,
            "name": delivery.sender_name,
            "tenant": delivery.sender_organisation,
        },
        "sent_at": moment(delivery.sent_at),
        "delivered_at": moment(delivery.delivered_at),
        "expires_at": moment(delivery.expires_at),
        "state": delivery.state,
        "documents": documents,
        "size": size,
    }


def inbox_list(*, peer: Peer, before: str | None = None) -> dict[str, Any]:
    """A page of the inbox; one query whatever it holds."""
    with scope(tenant=peer.tenant):
        mine = Delivery.objects.filter(mailbox__user=peer.user).defer("note_sealed")
        mine = mine.annotate(files=Count("documents"), bytes=Sum("documents__size", default=0))
        rows, following = page(mine, before=before, by="delivered_at")
        return {"messages": [_item(row, documents=row.files, size=row.bytes) for row in rows], "next": following}


def inbox_show(*, peer: Peer, message_id: UUID) -> dict[str, Any]:
    """One delivery in detail; the first look makes it *opened*. NotFound."""
    with scope(tenant=peer.tenant):
        rows = Delivery.objects.filter(message_id=message_id, mailbox__user=peer.user)
        delivery = rows.prefetch_related("documents").first()
        if delivery is None:
            raise NotFound
        if delivery.state == Recipient.State.DELIVERED:
            _opened(peer, delivery)
        documents = list(delivery.documents.all())
        return _item(delivery, documents=len(documents), size=sum(row.size for row in documents)) | {
            "note": delivery.note,
            "documents": [document_shape(row) for row in documents],
        }


@transaction.atomic
def _opened(peer: Peer, delivery: Delivery) -> None:
    if delivery_advance(delivery_id=delivery.id, state=Recipient.State.OPENED):
        event_record(tenant_id=peer.tenant.id, actor=peer.user, action="delivery.opened", subject=delivery.id)
    delivery.refresh_from_db(fields=["state"])
