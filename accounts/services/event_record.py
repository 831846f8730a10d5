"""The audit log: one hash chain a tenant, written in the action's own transaction."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import AuditEvent, AuditHead, User
from accounts.selectors.audit import event_of
from sealpost.protocol.audit import details_check


@transaction.atomic(savepoint=False)
def event_record(
    *,
    tenant_id: UUID,
    actor: User | None,
    action: str,
    subject: UUID | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Append an event, in three statements. `details` holds ids, codes and whole numbers only, never content, names or
    logins.

    An action of an operator has no actor, and `{"operator": number}` in its details.
    """
    details_check(details)
    head, _ = AuditHead.objects.select_for_update().get_or_create(tenant_id=tenant_id)
    previous = bytes(head.hash)
    event = AuditEvent(
        tenant_id=tenant_id,
        seq=head.seq + 1,
        at=timezone.now(),
        actor=actor.id if actor else None,
        action=action,
        subject=subject,
        details=details or {},
        previous=previous,
    )
    event.hash = event_of(event).hash(previous)
    event.save(force_insert=True)
    head.seq, head.hash = event.seq, event.hash
    head.save(update_fields=["seq", "hash"])


def chains_lock(tenant_ids: Iterable[UUID]) -> None:
    """Take the ends of several chains, always in one order, so that two transactions which write to the same ones
    wait for each other and never both for the other. The caller holds the transaction.
    """
    with scopes_disabled():
        list(AuditHead.objects.select_for_update().filter(tenant_id__in=list(tenant_ids)).order_by("tenant_id"))
