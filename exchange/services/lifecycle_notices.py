"""Mails about deliveries that nobody has opened, or that were recalled. None says what was sent."""

from collections.abc import Sequence
from datetime import datetime

from django_scopes import scope, scopes_disabled

from accounts.models import Tenant, User
from accounts.selectors import users_by_id
from accounts.services import notify
from exchange.models import Delivery, MailboxMember, Message, Recipient
from exchange.services.notices import organisation_named, until

_MAILED = frozenset({User.State.ACTIVE, User.State.INVITED})


def _mark(at: datetime | None) -> str:
    """What tells one expiry, recall or reminder of a message from the next, for the key that makes one mail of two."""
    return f"{at.timestamp():.6f}" if at else ""


def recalled_notice(*, delivery: Delivery) -> None:
    """Tell every member of the mailbox. The caller holds the recipient's scope and the recall's transaction."""
    key = f"recalled:{delivery.id}:{_mark(delivery.recalled_at)}"
    _members_tell(delivery, event="recalled", key=key, context={})


def reminder_notices(*, message: Message, recipients: Sequence[Recipient], at: datetime) -> None:
    """Remind these, wherever they are. The caller holds the sender's scope and the reminder's transaction."""
    context = {"until": until(message.expires_at)}
    context |= organisation_named(tenant_id=message.tenant_id, name=message.tenant.name)
    _recipients_tell(message, recipients, event="reminder", key=f"reminder:{_mark(at)}", context=context)


def expiring_notices(*, message: Message, recipients: Sequence[Recipient]) -> None:
    """Three days before: both sides; the sender once a message, however many have not opened it.

    The caller holds a transaction, and scopes are disabled.
    """
    context = {"until": until(message.expires_at)}
    key = f"expiring:{_mark(message.expires_at)}"
    _recipients_tell(message, recipients, event="expiring_recipient", key=key, context=context)
    _sender_tell(message, event="expiring_sender", key=key, context=context)


def expired_unread_notice(*, message: Message) -> None:
    """The sender, once a message. The caller holds a transaction, and scopes are disabled."""
    _sender_tell(message, event="expired_unread", key=f"expired-unread:{_mark(message.expires_at)}", context={})


def _sender_tell(message: Message, *, event: str, key: str, context: dict[str, str]) -> None:
    sender = message.sender
    if sender.role != User.Role.DEPOSITOR:
        _tell(sender, message.tenant, event=event, key=f"{key}:{message.id}", context=context)


def _recipients_tell(
    message: Message, recipients: Sequence[Recipient], *, event: str, key: str, context: dict[str, str]
) -> None:
    """The members of the mailboxes delivered to, and those who have not enrolled: as users, or by their address."""
    with scopes_disabled():
        wanted = Delivery.objects.filter(message_id=message.id, recipient_id__in=[one.id for one in recipients])
        deliveries = {row.recipient_id: row for row in wanted.select_related("tenant")}
    people = users_by_id(one.user_id for one in recipients if one.user_id)
    for one in recipients:
        own = f"{key}:{one.id}"
        if (delivery := deliveries.get(one.id)) is not None:
            with scope(tenant=delivery.tenant):
                _members_tell(delivery, event=event, key=own, context=context)
        elif one.user_id and (user := people.get(one.user_id)):
            _tell(user, user.tenant, event=event, key=own, context=context)
        elif not one.user_id and not one.mailbox_id:
            with scope(tenant=message.tenant):
                notify(event=event, tenant=message.tenant, address=one.login, key=own, context=context)


def _members_tell(delivery: Delivery, *, event: str, key: str, context: dict[str, str]) -> None:
    for member in MailboxMember.objects.select_related("user").filter(mailbox=delivery.mailbox_id):
        _tell(member.user, delivery.tenant, event=event, key=f"{key}:{member.user_id}", context=context)


def _tell(user: User, tenant: Tenant, *, event: str, key: str, context: dict[str, str]) -> None:
    """Nobody who was removed, and nobody whose organisation is gone, is written to."""
    if user.state in _MAILED and tenant.state in Tenant.SIGNED_IN:
        with scope(tenant=tenant):
            notify(event=event, user=user, tenant=tenant, key=key, context=context)
