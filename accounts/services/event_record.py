"""The audit log: one hash chain a tenant, written in the action's own transaction."""

import json
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import AuditEvent, Tenant, User
from sealpost.crypto.hkdf import label, sha256

_GENESIS = bytes(32)


def event_hash(event: AuditEvent) -> bytes:
    """SHA-256 over the previous hash and every field of an event."""
    details = json.dumps(event.details, sort_keys=True, separators=(",", ":"))
    fields = (event.tenant_id.bytes, str(event.seq), event.at.isoformat(), str(event.actor), event.action)
    return sha256(label("audit", bytes(event.previous), *fields, str(event.subject), details))


@transaction.atomic
def event_record(
    *, tenant_id: UUID, actor: User | None, action: str, subject: UUID | None = None, details: dict[str, Any] | None = None
) -> None:
    """Append an event. `details` holds ids, codes and numbers only, never content, names or logins."""
    Tenant.objects.select_for_update().get(id=tenant_id)
    last = AuditEvent.objects.filter(tenant_id=tenant_id).order_by("-seq").first()
    event = AuditEvent(
        tenant_id=tenant_id,
        seq=last.seq + 1 if last else 1,
        at=timezone.now(),
        actor=actor.id if actor else None,
        action=action,
        subject=subject,
        details=details or {},
        previous=last.hash if last else _GENESIS,
    )
    event.hash = event_hash(event)
    event.save(force_insert=True)


def events_verify(*, tenant_id: UUID) -> int | None:
    """The seq of the first event that does not fit the chain of its tenant, or None when all do."""
    previous, seq = _GENESIS, 0
    for event in AuditEvent.objects.filter(tenant_id=tenant_id).order_by("seq").iterator():
        seq += 1
        if event.seq != seq or bytes(event.previous) != previous or bytes(event.hash) != event_hash(event):
            return seq
        previous = bytes(event.hash)
    return None
