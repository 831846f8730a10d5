"""What a user has received."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Sum
from django_scopes import scope

from accounts.peer import Peer
from accounts.selectors import event_known
from accounts.services import event_record, request_of
from exchange.errors import NotFound
from exchange.models import Delivery, MailboxMember, Recipient
from exchange.services.both_sides import delivery_advance
from exchange.services.mailbox_read import mailboxes_mine, place_shape
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
        "request": str(request) if (request := request_of(delivery.sender_login)) else None,
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


def inbox_page(
    *, peer: Peer, before: str | None = None, mailbox: UUID | None = None, archived: bool = False
) -> dict[str, Any]:
    """The same with the mailboxes that the user may turn to, and which of them this is. NotFound."""
    mailboxes = mailboxes_mine(peer=peer)
    asked = str(mailbox) if mailbox else mailboxes[0]["id"]
    chosen = next((one for one in mailboxes if one["id"] == asked), None)
    if chosen is None:
        raise NotFound
    listed = inbox_list(peer=peer, before=before, mailbox=mailbox, archived=archived)
    return listed | {"mailboxes": mailboxes, "mailbox": chosen}


def delivery_find(*, peer: Peer, message_id: UUID, mailbox: UUID | None = None) -> Delivery:
    """A message as it lies in a mailbox that the user is a member of; without one named, their own before others.

    NotFound. The caller holds the scope.
    """
    rows = Delivery.objects.select_related("mailbox__user").filter(
        message_id=message_id, mailbox__members__user=peer.user
    )
    found = list((rows.filter(mailbox=mailbox) if mailbox else rows).prefetch_related("documents"))
    if not found:
        raise NotFound
    return next((row for row in found if row.mailbox.user_id == peer.user.id), found[0])


def inbox_show(*, peer: Peer, message_id: UUID, mailbox: UUID | None = None) -> dict[str, Any]:
    """One delivery in detail; the first look makes it *opened*. NotFound."""
    with scope(tenant=peer.tenant):
        delivery = delivery_find(peer=peer, message_id=message_id, mailbox=mailbox)
        if delivery.state == Recipient.State.DELIVERED or delivery.mailbox.user_id != peer.user.id:
            _opened(peer, delivery)
        gone = bool(delivery.recalled_at or delivery.erased_at)
        documents = list(delivery.documents.all())
        return _item(delivery, documents=len(documents), size=sum(row.size for row in documents)) | {
            "mailbox": place_shape(delivery.mailbox, peer),
            "note": "" if gone else delivery.note,
            "downloads_most": delivery.downloads_most,
            "documents": [] if gone else [delivered_shape(row, delivery.downloads_most) for row in documents],
        }


@transaction.atomic
def _opened(peer: Peer, delivery: Delivery) -> None:
    """Only the first look opens a delivery; in a mailbox that several read, that of each of them is audited."""
    action, first = "delivery.opened", False
    if delivery.state == Recipient.State.DELIVERED:
        first = delivery_advance(delivery_id=delivery.id, state=Recipient.State.OPENED)
    if first or not event_known(actor=peer.user, action=action, subject=delivery.id):
        event_record(tenant_id=peer.tenant.id, actor=peer.user, action=action, subject=delivery.id)
    delivery.refresh_from_db(fields=["state"])
