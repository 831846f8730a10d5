"""What a user has received."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Sum
from django_scopes import scope

from accounts.peer import Peer
from accounts.services import event_record
from exchange.errors import NotFound
from exchange.models import Delivery, MailboxMember, Recipient
from exchange.services.both_sides import delivery_advance
from exchange.services.paging import page
from exchange.services.shapes import delivered_shape, moment


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
        "recalled_at": moment(delivery.recalled_at),
        "archived_at": moment(delivery.archived_at),
        "erased_at": moment(delivery.erased_at),
        "documents": documents,
        "size": size,
    }


def inbox_list(
    *, peer: Peer, before: str | None = None, mailbox: UUID | None = None, archived: bool = False
) -> dict[str, Any]:
    """A page of the user's own mailbox, or of another that they are a member of; what is archived, or not. NotFound."""
    with scope(tenant=peer.tenant):
        if mailbox and not MailboxMember.objects.filter(mailbox=mailbox, user=peer.user).exists():
            raise NotFound
        mine = Delivery.objects.filter(mailbox=mailbox) if mailbox else Delivery.objects.filter(mailbox__user=peer.user)
        mine = mine.filter(archived_at__isnull=not archived).defer("note_sealed")
        mine = mine.annotate(files=Count("documents"), bytes=Sum("documents__size", default=0))
        rows, following = page(mine, before=before, by="delivered_at")
        return {"messages": [_item(row, documents=row.files, size=row.bytes) for row in rows], "next": following}


def delivery_find(*, peer: Peer, message_id: UUID, mailbox: UUID | None = None) -> Delivery:
    """A message as it lies in a mailbox that the user is a member of; without one named, their own before others.

    NotFound. The caller holds the scope.
    """
    rows = Delivery.objects.select_related("mailbox").filter(message_id=message_id, mailbox__members__user=peer.user)
    found = list((rows.filter(mailbox=mailbox) if mailbox else rows).prefetch_related("documents"))
    if not found:
        raise NotFound
    return next((row for row in found if row.mailbox.user_id == peer.user.id), found[0])


def inbox_show(*, peer: Peer, message_id: UUID, mailbox: UUID | None = None) -> dict[str, Any]:
    """One delivery in detail; the first look makes it *opened*. NotFound."""
    with scope(tenant=peer.tenant):
        delivery = delivery_find(peer=peer, message_id=message_id, mailbox=mailbox)
        if delivery.state == Recipient.State.DELIVERED:
            _opened(peer, delivery)
        gone = bool(delivery.recalled_at or delivery.erased_at)
        documents = list(delivery.documents.all())
        return _item(delivery, documents=len(documents), size=sum(row.size for row in documents)) | {
            "note": "" if gone else delivery.note,
            "downloads_most": delivery.downloads_most,
            "documents": [] if gone else [delivered_shape(row, delivery.downloads_most) for row in documents],
        }


@transaction.atomic
def _opened(peer: Peer, delivery: Delivery) -> None:
    if delivery_advance(delivery_id=delivery.id, state=Recipient.State.OPENED):
        event_record(tenant_id=peer.tenant.id, actor=peer.user, action="delivery.opened", subject=delivery.id)
    delivery.refresh_from_db(fields=["state"])
