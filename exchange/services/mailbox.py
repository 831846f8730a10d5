"""Shared mailboxes: made, renamed, closed and reopened by the organisation's admins."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django_scopes import scope

from accounts.models import Address
from accounts.peer import Peer
from accounts.roles import ADMINS, role_check
from accounts.services import address_add, address_check, address_open, address_rename, event_record, name_check
from exchange.errors import NotFound
from exchange.models import Mailbox
from exchange.services.mailbox_read import mailbox_show, shared_of

_KIND = Address.Kind.MAILBOX


def mailbox_create(*, peer: Peer, address: str, name: str) -> dict[str, Any]:
    """A shared mailbox under an address of its own, with nobody in it yet.

    RoleForbidden, LoginInvalid, LoginTaken, NameInvalid.
    """
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant), transaction.atomic():
        mailbox = Mailbox(tenant=peer.tenant, kind=Mailbox.Kind.SHARED)
        mailbox.name, mailbox.address = name_check(name), address_check(address)
        mailbox.save(force_insert=True)
        address_add(tenant=peer.tenant, address=mailbox.address, name=mailbox.name, kind=_KIND, target=mailbox.id)
        _record(peer, mailbox, "created")
    return mailbox_show(peer=peer, mailbox_id=mailbox.id)


def mailbox_change(
    *, peer: Peer, mailbox_id: UUID, name: str | None = None, state: str | None = None
) -> dict[str, Any]:
    """Another name, closed or open; None leaves as it is. RoleForbidden, NotFound, NameInvalid.

    A closed one takes nothing more and keeps its address from others; its members go on reading.
    """
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant), transaction.atomic():
        mailbox = mailbox_locked(peer, mailbox_id)
        if name is not None and (name := name_check(name)) != mailbox.name:
            mailbox.name = name
            address_rename(kind=_KIND, target=mailbox.id, name=name)
            _record(peer, mailbox, "renamed")
        if state is not None and state != mailbox.state:
            mailbox.state = Mailbox.State(state)
            _opened_or_closed(peer, mailbox)
        mailbox.save(update_fields=["name_sealed", "state"])
    return mailbox_show(peer=peer, mailbox_id=mailbox_id)


def mailbox_locked(peer: Peer, mailbox_id: UUID) -> Mailbox:
    """A shared mailbox that the user may know of, locked until the transaction ends. NotFound."""
    known = shared_of(peer).filter(id=mailbox_id).values("id")
    mailbox = Mailbox.objects.select_for_update().filter(id__in=known).first()
    if mailbox is None:
        raise NotFound
    return mailbox


def _opened_or_closed(peer: Peer, mailbox: Mailbox) -> None:
    is_open = mailbox.state == Mailbox.State.OPEN
    address_open(kind=_KIND, target=mailbox.id, open=is_open)
    _record(peer, mailbox, "reopened" if is_open else "closed")


def _record(peer: Peer, mailbox: Mailbox, what: str) -> None:
    event_record(tenant_id=peer.tenant.id, actor=peer.user, action=f"mailbox.{what}", subject=mailbox.id)
