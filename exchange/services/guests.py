"""What a sender does about guests: a passphrase before, an invitation again or taken back after."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.models import Tenant, User
from accounts.peer import Peer
from accounts.selectors import address_index, users_by_id
from accounts.services import (
    address_mailable,
    chains_lock,
    event_record,
    guest_issue,
    guest_links_withdraw,
    guest_prove,
)
from exchange.errors import InvitedLately, RecipientNotInvited
from exchange.models import Message, Recipient
from exchange.queue import waiting_queue
from exchange.services.across_tenants import Place
from exchange.services.outbox import message_find, outbox_show
from exchange.services.outsiders import outsider_tell

_AGAIN = timedelta(hours=1)


def guest_passphrase(*, peer: Peer, login: str, name: str) -> dict[str, Any]:
    """Enrolment B for somebody outside, whom a message is sent to afterwards; the passphrase is shown once.

    PolicyRefused, LoginInvalid, GuestNeedless.
    """
    passphrase = guest_issue(peer=peer, login=login, name=name)
    waiting_queue()  # what this organisation sent before may open now
    return {"login": login, "name": name, "enrolment": "passphrase", "passphrase": passphrase}


def address_prove(*, peer: Peer, invitation: UUID, nonce: bytes, proof: bytes) -> None:
    """A guest who has a key shows the link from a mail, and gets what waited for that. InvitationUnknown."""
    guest_prove(peer=peer, invitation=invitation, nonce=nonce, proof=proof)
    waiting_queue()


def _waited_for(peer: Peer, message_id: UUID, login: str) -> tuple[Message, Recipient]:
    """The message and one outside who is waited for, locked. NotFound, RecipientNotInvited. Within the scope."""
    message = message_find(peer=peer, message_id=message_id)
    index = address_index(login) if address_mailable(login) else b"none"
    rows = Recipient.objects.select_for_update().filter(message=message, address_index=index)
    recipient = rows.filter(state=Recipient.State.INVITED).first()
    if recipient is None or message.state != Message.State.SENT:
        raise RecipientNotInvited
    return message, recipient


def outsider_guest(recipient: Recipient) -> User | None:
    """The guest behind a recipient; None for somebody of an organisation that is not connected."""
    user = users_by_id([recipient.user_id]).get(recipient.user_id) if recipient.user_id else None
    return user if user and user.tenant.kind == Tenant.Kind.GUEST else None


def outsiders_tell_again(*, message: Message, recipients: Sequence[Recipient]) -> None:
    """Mail to outsiders who are waited for what they were mailed first.

    The caller holds the sender's scope, a transaction and the recipients' locks.
    """
    guests = {one.id: outsider_guest(one) for one in recipients}
    chains_lock({message.tenant_id, *(guest.tenant_id for guest in guests.values() if guest)})
    for one in recipients:
        guest = guests[one.id]
        outsider_tell(message=message, recipient=one, place=Place(guest.tenant, user=guest) if guest else None)


def outsider_invite_again(*, peer: Peer, message_id: UUID, login: str) -> dict[str, Any]:
    """Mail an invitation again, once an hour at most; the outbox detail.

    NotFound, RecipientNotInvited, InvitedLately.
    """
    with scope(tenant=peer.tenant), transaction.atomic():
        message, recipient = _waited_for(peer, message_id, login)
        since = timezone.now() - (recipient.reminded_at or message.sent_at)
        if since < _AGAIN:
            raise InvitedLately(retry_after=int((_AGAIN - since).total_seconds()) + 1)
        outsiders_tell_again(message=message, recipients=[recipient])
    return outbox_show(peer=peer, message_id=message_id)


def outsider_withdraw(*, peer: Peer, message_id: UUID, login: str) -> dict[str, Any]:
    """Take back what waits for somebody outside, and their links; the outbox detail. NotFound, RecipientNotInvited."""
    with scope(tenant=peer.tenant), transaction.atomic():
        _, recipient = _waited_for(peer, message_id, login)
        guest = outsider_guest(recipient)
        chains_lock([peer.tenant.id])
        recipient.state, recipient.recalled_at = Recipient.State.RECALLED, timezone.now()
        recipient.save(update_fields=["state", "recalled_at"])
        event_record(tenant_id=peer.tenant.id, actor=peer.user, action="guest.withdrawn", subject=recipient.id)
        if guest:
            outsider_links_end(peer=peer, guest=guest)
    return outbox_show(peer=peer, message_id=message_id)


def outsider_links_end(*, peer: Peer, guest: User) -> None:
    """Let the links end that this sender had mailed to a guest for whom nothing of theirs waits any more.

    The caller holds the sender's scope and a transaction.
    """
    waiting = Recipient.objects.filter(user_id=guest.id, state=Recipient.State.INVITED)
    if not waiting.filter(message__sender=peer.user).exists():
        with scope(tenant=guest.tenant):
            guest_links_withdraw(guest=guest, made_by=peer.user.id)
