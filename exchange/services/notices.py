"""Which mails the exchange owes to whom; none of them says what was sent."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from accounts.models import User
from accounts.rules import policy_of
from accounts.services import notify, request_of
from exchange.models import Delivery, FileRequest, Job, Message


def until(at: datetime) -> str:
    """A day as mails write it."""
    return at.date().isoformat()


def organisation_named(*, tenant_id: UUID, name: str) -> dict[str, str]:
    """The organisation's name for a mail's context, where its policy lets mails name it."""
    return {"organisation": name} if policy_of(tenant_id).organisation_in_mail else {}


def delivery_notice(*, delivery: Delivery, sender_tenant: UUID) -> None:
    """Tell every member of the mailbox; of a deposit, whoever made the request too.

    The caller holds the recipient's scope and the delivery's transaction.
    """
    context = {"until": until(delivery.expires_at)}
    context |= organisation_named(tenant_id=sender_tenant, name=delivery.sender_organisation)
    request = request_of(delivery.sender_login)
    for member in {*_members(delivery), *_maker(request)}:
        key = f"delivery:{delivery.id}:{member.id}"
        event = "guest_invitation" if _passphrase_waits(member) else "delivery_waiting"
        event = "request_received" if request else event
        notify(event=event, user=member, tenant=delivery.tenant, key=key, context=context)


def _maker(request: UUID | None) -> Iterable[User]:
    """Who made a file request, while they are there."""
    if request is None:
        return ()
    made = FileRequest.objects.filter(id=request).values("made_by")
    return User.objects.filter(id__in=made, state=User.State.ACTIVE)


def _passphrase_waits(member: User) -> bool:
    """Whether this is a guest who has a passphrase by another way and has not used it yet."""
    guest = member.role == User.Role.GUEST
    return guest and bool(member.shared_keys.filter(retired_at=None, issued=True).exists())


def _members(delivery: Delivery) -> Iterable[User]:
    return User.objects.filter(mailboxes__mailbox=delivery.mailbox_id, state=User.State.ACTIVE)


def held_notice(*, message: Message, job: Job) -> None:
    """Tell the sender that a message waits for them, and of malware the admins too."""
    told = [*_maker(request_of(message.sender.login))] or [message.sender]
    if job.code == "infected":
        admins = User.objects.filter(role=User.Role.ADMIN, state=User.State.ACTIVE)
        told += admins.exclude(id=message.sender_id)
    for user in told:
        notify(event="held", user=user, tenant=message.tenant, key=f"held:{job.id}:{job.fence}:{user.id}")


def downloaded_notice(*, message: Message) -> None:
    """Tell the sender, once a message. The caller holds the sender's scope."""
    notify(event="downloaded", user=message.sender, tenant=message.tenant, key=f"downloaded:{message.id}")
