"""A message that was sent, locked with its recipients, as everything that is done to it afterwards takes it."""

from collections.abc import Container, Sequence
from uuid import UUID

from accounts.peer import Peer
from exchange.errors import NotFound
from exchange.lifecycle_errors import ContentErased, MessageNotSent, RecipientUnknown
from exchange.models import Message, Recipient
from sealpost.crypto.kdf import login_normalise


def sent_lock(*, peer: Peer, message_id: UUID, states: Container[str]) -> tuple[Message, list[Recipient]]:
    """The user's own message in one of these states, and its recipients. The caller holds the scope and a transaction.

    NotFound, ContentErased, MessageNotSent.
    """
    message = Message.objects.select_for_update().filter(id=message_id, sender=peer.user).first()
    if message is None:
        raise NotFound
    if message.erased_at:
        raise ContentErased
    if message.state not in states:
        raise MessageNotSent
    return message, list(Recipient.objects.select_for_update().filter(message=message).order_by("id"))


def recipients_named(recipients: Sequence[Recipient], logins: Sequence[str] | None) -> list[Recipient]:
    """Those of these logins; all where none are given. RecipientUnknown with those that are no recipients."""
    if logins is None:
        return list(recipients)
    wanted = {login_normalise(login) for login in logins}
    found = [one for one in recipients if login_normalise(one.login) in wanted]
    if missing := sorted(wanted - {login_normalise(one.login) for one in found}):
        raise RecipientUnknown(logins=missing)
    return found
