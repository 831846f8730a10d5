"""One event in the chains of many organisations, in a fixed number of statements."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import AuditEvent, AuditHead
from accounts.selectors.audit import event_of
from sealpost.protocol.audit import details_check


@transaction.atomic
def events_record(
    *,
    tenant_ids: Collection[UUID],
    action: str,
    details: dict[str, Any],
    among: Callable[[Collection[UUID]], set[UUID]] = set,
) -> int:
    """Append the same event to several chains, in the order in which `chains_lock` takes them; to how many.

    `among` says, once all of the chains are held, which of them still want it. `details` as in `event_record`.
    """
    details_check(details)
    with scopes_disabled():
        AuditHead.objects.bulk_create(
            [AuditHead(tenant_id=tenant_id) for tenant_id in sorted(tenant_ids)], ignore_conflicts=True
        )
        held = AuditHead.objects.select_for_update().filter(tenant_id__in=list(tenant_ids)).order_by("tenant_id")
        heads = {head.tenant_id: head for head in held}
        wanted = among(tenant_ids)
        events = [_appended(head, action, details) for tenant_id, head in heads.items() if tenant_id in wanted]
        AuditEvent.objects.bulk_create(events)
        if events:
            AuditHead.objects.bulk_update([heads[event.tenant_id] for event in events], ["seq", "hash"])
        return len(events)


def _appended(head: AuditHead, action: str, details: dict[str, Any]) -> AuditEvent:
    """The next event of a chain, whose head is moved to it."""
    previous = bytes(head.hash)
    event = AuditEvent(
        tenant_id=head.tenant_id,
        seq=head.seq + 1,
        at=timezone.now(),
        actor=None,
        action=action,
        subject=None,
        details=details,
        previous=previous,
    )
    event.hash = event_of(event).hash(previous)
    head.seq, head.hash = event.seq, event.hash
    return event
