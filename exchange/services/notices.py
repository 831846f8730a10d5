"""Which mails the exchange owes to whom; none of them says what was sent."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from accounts.models import User
from accounts.rules import policy_of
from accounts.services import notify
from exchange.models import Delivery, Job, Message


def until(at: datetime) -> str:
    """A day as mails write it."""
    return at.date().isoformat()


def organisation_named(*, tenant_id: UUID, name: str) -> dict[str, str]:
    """The organisation's name for a mail's context, where its policy lets mails name it."""
    return {"organisation": name} if policy_of(tenant_id).organisation_in_mail else {}


def delivery_notice(*, delivery: Delivery, sender_tenant: UUID) -> None:
    """Tell every member of the mailbox. The caller holds the recipient's scope and the delivery's transaction."""
    context = {"until": until(delivery.expires_at)}
    context |= organisation_named(tenant_id=sender_tenant, name=delivery.sender_organisation)
    for member in _members(delivery):
        key = f"delivery:{delivery.id}:{member.id}"
        event = "guest_invitation" if _passphrase_waits(member) else "delivery_waiting"
        notify(event=event, user=member, tenant=delivery.tenant, key=key, context=context)


def _passphrase_waits(member: User) -> bool:
    """Whether this is a guest who has a passphrase by another way and has not used it yet."""
    guest = member.role == User.Role.GUEST
    return guest and bool(member.shared_keys.filter(retired_at=None, issued=True).exists())


def _members(delivery: Delivery) -> Iterable[User]:
    return User.objects.filter(mailboxes__mailbox=delivery.mailbox_id, state=User.State.ACTIVE)


def held_notice(*, message: Message, job: Job) -> None:
    """Tell the sender that a message waits for them, and of malware the admins too."""
    told = [message.sender]
    if job.code == "infected":
        admins = User.objects.filter(role=User.Role.ADMIN, state=User.State.ACTIVE)
        told += admins.exclude(id=message.sender_id)
    for user in told:
        notify(event="held", user=user, tenant=message.tenant, key=f"held:{job.id}:{job.fence}:{user.id}")


def downloaded_notice(*, message: Message) -> None:
    """Tell the sender, once a message. The caller holds the sender's scope."""
    notify(event="downloaded", user=message.sender, tenant=message.tenant, key=f"downloaded:{message.id}")
