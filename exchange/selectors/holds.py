"""What a legal hold keeps. Whatever erases asks here first, and asks again once it holds its locks.

A hold counts in its own tenant alone: it keeps that side's copy, never the other organisation's.

* on a person: their own mailbox, what they have sent, and their uploads;
* on a mailbox: every delivery in it;
* on a message: the message, and each delivery of it.
"""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django_scopes import scopes_disabled

from exchange.models import Delivery, LegalHold, Message

_Kind = LegalHold.Target


def _standing(**targets: str) -> Exists:
    """Whether a hold of the row's own tenant stands on one of these columns, by kind."""
    on = Q()
    for kind, column in targets.items():
        on |= Q(kind=kind, target=OuterRef(column))
    with scopes_disabled():
        return Exists(LegalHold.objects.filter(on, tenant=OuterRef("tenant"), lifted_at=None))


def messages_unheld(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Those that no hold keeps at the sender's side."""
    return rows.exclude(_standing(person="sender_id", message="id"))


def deliveries_unheld(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Those that no hold keeps at the recipient's side."""
    return rows.exclude(_standing(person="mailbox__user_id", mailbox="mailbox_id", message="message_id"))


def people_held() -> QuerySet[LegalHold]:
    """Ids of the people on whom a hold stands, for a subquery. The caller holds the scope, or has none on purpose."""
    standing: QuerySet[LegalHold] = LegalHold.objects.filter(kind=_Kind.PERSON, lifted_at=None).values("target")
    return standing


def tenant_holds_exist(tenant_id: UUID) -> bool:
    """Whether anything in this tenant is held, so that its keys may not be destroyed."""
    with scopes_disabled():
        return LegalHold.objects.filter(tenant_id=tenant_id, lifted_at=None).exists()
