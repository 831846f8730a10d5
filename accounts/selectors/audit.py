"""Reads of audit chains, in memory that does not grow with them. The caller's scope is active, or said not to be."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django_scopes import scopes_disabled

from accounts.models import AuditCheckpoint, AuditEvent, AuditHead, Tenant
from sealpost.protocol.audit import GENESIS, Checkpoint, Event

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """Where a chain ends, as its head says and as its rows do, at one moment."""

    seq: int
    hash: bytes
    checkpoint_digest: bytes
    last_event: int
    checkpoint: AuditCheckpoint | None


def event_of(row: AuditEvent) -> Event:
    """A row as the protocol hashes it."""
    at = row.at.astimezone(UTC).isoformat()
    return Event(row.tenant_id, row.seq, at, row.actor, row.action, row.subject, row.details)


def checkpoint_of(row: AuditCheckpoint) -> Checkpoint:
    """A row as the protocol signs it."""
    at = row.at.astimezone(UTC).isoformat()
    hashes = (bytes(row.root), bytes(row.head), bytes(row.previous))
    return Checkpoint(row.tenant_id, row.seq, *hashes, at, row.key)


@transaction.atomic
def chain_end(tenant_id: UUID) -> ChainEnd:
    """The end of a chain; its lock is held for these three reads, so that they agree."""
    head = AuditHead.objects.select_for_update().filter(tenant_id=tenant_id).first()
    head = head or AuditHead(tenant_id=tenant_id)
    last = AuditEvent.objects.filter(tenant_id=tenant_id).aggregate(last=Max("seq"))["last"] or 0
    checkpoint = AuditCheckpoint.objects.filter(tenant_id=tenant_id).order_by("-seq").first()
    return ChainEnd(head.seq, bytes(head.hash), bytes(head.checkpoint or GENESIS), last, checkpoint)


def chain_events(tenant_id: UUID, *, after: int, until: int) -> Iterator[AuditEvent]:
    """Events in order, `after` < seq <= `until`, a fixed number of them in memory and no transaction open."""
    rows = AuditEvent.objects.filter(tenant_id=tenant_id, seq__lte=until).order_by("seq")
    while chunk := list(rows.filter(seq__gt=after)[:_CHUNK]):
        yield from chunk
        after = chunk[-1].seq


def chain_checkpoints(tenant_id: UUID, *, until: int) -> Iterator[AuditCheckpoint]:
    """Checkpoints in order up to an event, a fixed number of them in memory."""
    rows = AuditCheckpoint.objects.filter(tenant_id=tenant_id, seq__lte=until).order_by("seq")
    after = -1
    while chunk := list(rows.filter(seq__gt=after)[:_CHUNK]):
        yield from chunk
        after = chunk[-1].seq


def chains_due(*, events: int, before: datetime) -> list[Tenant]:
    """Organisations, of all, whose chain grew by so many `events` since its last checkpoint, or at all since one that
    was made `before` then.
    """
    with scopes_disabled():
        last = AuditCheckpoint.objects.filter(tenant_id=OuterRef("tenant_id")).order_by("-seq")
        heads = AuditHead.objects.annotate(
            signed=Coalesce(Subquery(last.values("seq")[:1]), 0), signed_at=Subquery(last.values("at")[:1])
        )
        grown = Q(seq__gte=F("signed") + events) | Q(signed_at=None) | Q(signed_at__lte=before)
        due = heads.filter(grown, seq__gt=F("signed")).values_list("tenant_id", flat=True)
        return list(Tenant.objects.filter(id__in=list(due)).order_by("id"))
