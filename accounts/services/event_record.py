"""The audit log: one hash chain a tenant, written in the action's own transaction."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import AuditEvent, AuditHead, User
from sealpost.crypto.hkdf import label, sha256

_GENESIS = bytes(32)


def event_hash(event: AuditEvent) -> bytes:
    """SHA-256 over the previous hash and every field of an event."""
    details = json.dumps(event.details, sort_keys=True, separators=(",", ":"))
    fields = (event.tenant_id.bytes, str(event.seq), event.at.isoformat(), str(event.actor), event.action)
    return sha256(label("audit", bytes(event.previous), *fields, str(event.subject), details))


@transaction.atomic
def event_record(
    *,
    tenant_id: UUID,
    actor: User | None,
    action: str,
    subject: UUID | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Append an event. `details` holds ids, codes and numbers only, never content, names or logins."""
    head, _ = AuditHead.objects.select_for_update().get_or_create(tenant_id=tenant_id)
    event = AuditEvent(
        tenant_id=tenant_id,
        seq=head.seq + 1,
        at=timezone.now(),
        actor=actor.id if actor else None,
        action=action,
        subject=subject,
        details=details or {},
        previous=bytes(head.hash),
    )
    event.hash = event_hash(event)
    event.save(force_insert=True)
    head.seq, head.hash = event.seq, event.hash
    head.save(update_fields=["seq", "hash"])


def chains_lock(tenant_ids: Iterable[UUID]) -> None:
    """Take the ends of several chains, always in one order, so that two transactions which write to the same ones
    wait for each other and never both for the other. The caller holds the transaction.
    """
    with scopes_disabled():
        list(AuditHead.objects.select_for_update().filter(tenant_id__in=list(tenant_ids)).order_by("tenant_id"))


def events_verify(*, tenant_id: UUID) -> int | None:
    """The seq of the first event that does not fit its tenant's chain or is missing at its end; None: all is whole."""
    previous, seq = _GENESIS, 0
    for event in AuditEvent.objects.filter(tenant_id=tenant_id).order_by("seq").iterator():
        seq += 1
        if event.seq != seq or bytes(event.previous) != previous or bytes(event.hash) != event_hash(event):
            return seq
        previous = bytes(event.hash)
    head = AuditHead.objects.filter(tenant_id=tenant_id).first()
    ended = (head.seq, bytes(head.hash)) if head else (0, _GENESIS)
    return None if ended == (seq, previous) else seq + 1
