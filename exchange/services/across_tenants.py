"""Where the exchange writes a delivery into another tenant; both_sides.py changes it there afterwards."""

import json
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import Tenant, User
from accounts.sealed import tenant_owner
from accounts.services import event_record
from exchange.models import (
    DeliveredDocument,
    Delivery,
    Mailbox,
    MailboxMember,
    Message,
    Recipient,
)
from exchange.services.job_chain import Item
from exchange.services.notices import delivery_notice
from vault.services import object_share


@dataclass(frozen=True, slots=True)
class Place:
    """Where a delivery goes: a shared mailbox, or a person, whose own is made when it is first needed."""

    tenant: Tenant
    mailbox: Mailbox | None = None
    user: User | None = None


def mailbox_of(user: User | None) -> Mailbox:
    """A person's own mailbox, made on first use. The caller holds the person's scope and a transaction."""
    assert user is not None
    mailbox, made = Mailbox.objects.get_or_create(user=user, defaults={"tenant_id": user.tenant_id})
    if made:
        MailboxMember.objects.create(
            tenant_id=user.tenant_id, mailbox=mailbox, user=user, role=MailboxMember.Role.ADMIN
        )
    return mailbox


@transaction.atomic
def delivery_create(*, message: Message, sender: User, recipient: Recipient, place: Place, items: list[Item]) -> None:
    """Deliver once: rows sealed under the recipient's tenant, data keys rewrapped for it, no content copied.

    The caller holds the sender's scope and a transaction; doing it again does nothing.
    """
    sealed = {"subject": message.subject, "note": message.note}
    names = _sender_names(message, sender)
    now = timezone.now()
    with scope(tenant=place.tenant):
        mailbox = place.mailbox or mailbox_of(place.user)
        if Delivery.objects.filter(mailbox=mailbox, message_id=message.id).exists():
            return
        delivery = Delivery(
            tenant=place.tenant,
            mailbox=mailbox,
            message_id=message.id,
            recipient_id=recipient.id,
            sent_at=message.sent_at,
            delivered_at=now,
            expires_at=message.expires_at,
            downloads_most=message.downloads_most,
        )
        for name, value in (sealed | names).items():
            setattr(delivery, name, value)
        delivery.save(force_insert=True)
        event_record(tenant_id=place.tenant.id, actor=None, action="delivery.created", subject=delivery.id)
        delivery_notice(delivery=delivery, sender_tenant=message.tenant_id)
    for position, item in enumerate(items):
        _document_deliver(delivery, message.tenant_id, item, position)
    recipient.state, recipient.delivered_at = Recipient.State.DELIVERED, now
    recipient.save(update_fields=["state", "delivered_at"])


def _sender_names(message: Message, sender: User) -> dict[str, str]:
    """Who sends; of a deposit, what the outsider says of themselves beside a login that only file requests have."""
    if not message.depositor:
        return {"sender_login": sender.login, "sender_name": sender.name, "sender_organisation": sender.tenant.name}
    said = [text for text in json.loads(message.depositor).values() if text]
    return {"sender_login": sender.login, "sender_name": ", ".join(said), "sender_organisation": ""}


def _document_deliver(delivery: Delivery, sender_tenant: UUID, item: Item, position: int) -> None:
    texts = {
        "name": item.name,
        "media_type": item.media_type,
        "sha256": item.sha256,
        "steps": json.dumps(item.said),
    }
    owner = tenant_owner(delivery.tenant_id)
    object_share(object_id=item.object, owner=tenant_owner(sender_tenant), to_owner=owner)
    with scope(tenant=delivery.tenant):
        row = DeliveredDocument(
            tenant_id=delivery.tenant_id,
            delivery=delivery,
            object=item.object,
            size=item.size,
            verdict=item.verdict,
            verdict_reason=item.verdict_reason,
            type_agrees=item.type_agrees,
            position=position,
        )
        for name, value in texts.items():
            setattr(row, name, value)
        row.save(force_insert=True)


def waiting_refuse(*, user_id: UUID) -> None:
    """Let nothing wait any more, in any tenant, for somebody who will not enrol. The caller holds a transaction."""
    with scopes_disabled():
        waiting = Recipient.objects.filter(user_id=user_id, state=Recipient.State.INVITED)
        waiting.update(state=Recipient.State.REFUSED)
