"""How an export is made: in steps of a fixed number of events, with nothing kept in between but a place.

So it may be as long as it likes, whoever asks for the steps and whenever.
"""

import logging
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django_scopes import scope

from accounts.errors import ChainBroken
from accounts.models import AuditCheckpoint, AuditEvent, Tenant, User
from accounts.selectors.audit import chain_end, checkpoint_of
from accounts.services import checkpoint_make, event_record
from exchange.services.audit_list import AuditFilters, checkpoint_shown, events_shown, key_shown
from sealpost.crypto.encoding import b64u_encode
from sealpost.crypto.merkle import HASH, Span, aligned_levels
from sealpost.errors import DecryptionError
from sealpost.protocol.audit import FORMAT, GENESIS, canonical_json, line_digest, trailer_statement
from vault.errors import RingMissing
from vault.services import signing_key, signing_keys, statement_sign

_EVENTS = 500  # written in one step
_WALKED = 5000  # looked at in one step, where most are left out
_LENGTH = 600_000  # characters in one step, whatever the events hold
_log = logging.getLogger("sealpost.audit")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an export stands: the event that comes next, and what the lines so far come to."""

    next: int
    last: int
    events: int
    omitted: int
    unsigned: bool  # whether an event was written since the last checkpoint
    digest: str
    key: str


class Export:
    """One organisation's log under some filters. Nothing is kept between two steps."""

    def __init__(self, tenant: Tenant, filters: AuditFilters) -> None:
        self.tenant, self.filters, self.filtered = tenant, filters, bool(filters.members())

    def begin(self, actor: User | None, details: dict[str, Any]) -> tuple[list[str], Place | None]:
        """Header and first lines. The export is an event itself, and a checkpoint is signed that covers it."""
        with scope(tenant=self.tenant):
            if self.filtered:
                details = details | {"filters": self.filters.members()}
            event_record(tenant_id=self.tenant.id, actor=actor, action="audit.exported", details=details)
            try:
                checkpoint_make(tenant_id=self.tenant.id)
            except ChainBroken as error:  # whoever verifies the export learns where
                _log.error("organisation %s: %s", self.tenant.id, error.sentence)
            last = self._last()
            lines = _Lines(Place(1, last, 0, 0, False, GENESIS.hex(), str(signing_key().id)))
            lines.write(self._header(last))
            self._skipped(lines)
        return self.step(lines.place, begun=lines.written)

    def step(self, place: Place, begun: list[str] | None = None) -> tuple[list[str], Place | None]:
        """The next lines, and the place behind them; None behind the last."""
        lines = _Lines(place, begun)
        with scope(tenant=self.tenant):
            self._written(lines)
        if lines.place.next > lines.place.last:
            self._trailer(lines)
            return lines.written, None
        return lines.written, lines.place

    def _events(self) -> QuerySet[AuditEvent]:
        return AuditEvent.objects.filter(tenant=self.tenant).order_by("seq")

    def _last(self) -> int:
        """The event by which the export ends: the chain's last, or that of the first checkpoint which covers all."""
        end = chain_end(self.tenant.id).last_event
        if not self.filters.until:
            return end
        inside = self._events().filter(at__lt=self.filters.until).last()
        covering = AuditCheckpoint.objects.filter(tenant=self.tenant, seq__gte=inside.seq if inside else 1)
        found = covering.order_by("seq").values_list("seq", flat=True).first()
        return min(end, found) if found else end

    def _skipped(self, lines: "_Lines") -> None:
        """Leave out what lies before the time asked for by the tree of the last checkpoint there."""
        if not self.filters.since:
            return
        first = self._events().filter(at__gte=self.filters.since, seq__lte=lines.place.last).first()
        before = first.seq if first else lines.place.last
        row = AuditCheckpoint.objects.filter(tenant=self.tenant, seq__lt=before).order_by("-seq").first()
        if row is None or len(row.edge) != HASH * len(list(aligned_levels(0, row.seq))):
            return
        edge = bytes(row.edge)
        nodes = [edge[at : at + HASH] for at in range(0, len(edge), HASH)]
        lines.omit(Span(0, nodes, row.seq))
        lines.place = replace(lines.place, next=row.seq + 1)

    def _header(self, last: int) -> dict[str, Any]:
        try:
            name = self.tenant.name
        except (RingMissing, DecryptionError):
            name = ""
        return {
            "kind": "header", "format": FORMAT, "tenant": str(self.tenant.id), "organisation": name,
            "filtered": self.filtered, "filters": self.filters.members(), "last": last,
            "made_at": timezone.now().isoformat(), "keys": [key_shown(key) for key in signing_keys()],
        }  # fmt: skip

    def _written(self, lines: "_Lines") -> None:
        """Events, what stands for those between them, and checkpoints, up to one step's measure."""
        first = lines.place.next
        until = min(first + (_WALKED if self.filtered else _EVENTS) - 1, lines.place.last)
        inside = self._events().filter(seq__gte=first, seq__lte=until)
        hits = list(self.filters.rows(inside)[:_EVENTS])
        until = hits[-1].seq if len(hits) == _EVENTS else until
        shown = {event["seq"]: event for event in events_shown(tenant=self.tenant, rows=hits)}
        hashes = inside.filter(seq__lte=until).values_list("seq", "hash") if self.filtered else ()
        walked = hashes or [(seq, b"") for seq in shown]
        signed = AuditCheckpoint.objects.filter(tenant=self.tenant, seq__gte=first, seq__lte=until)
        checkpoints = {row.seq: row for row in signed}
        for seq, hashed in walked:
            if lines.length > _LENGTH:
                until = seq - 1
                break
            if seq in shown:
                lines.event(shown[seq])
            else:
                lines.leave_out(seq, bytes(hashed))
            if seq in checkpoints and (lines.place.unsigned or seq == lines.place.last):
                lines.checkpoint(checkpoints[seq])
        lines.flush()
        lines.place = replace(lines.place, next=until + 1)

    def _trailer(self, lines: "_Lines") -> None:
        place = lines.place
        key, digest = UUID(place.key), bytes.fromhex(place.digest)
        statement = trailer_statement(
            tenant=self.tenant.id, events=place.events, omitted=place.omitted, digest=digest, key=key
        )
        _, signature = statement_sign(statement, key_id=key)
        lines.write(
            {
                "kind": "trailer", "events": place.events, "omitted": place.omitted, "digest": place.digest,
                "key": place.key, "signature": b64u_encode(signature),
            }
        )  # fmt: skip


class _Lines:
    """Lines as they are written, and the place that they lead to."""

    def __init__(self, place: Place, written: list[str] | None = None) -> None:
        self.place, self.written, self.length = place, written or [], 0
        self._span: Span | None = None

    def write(self, members: dict[str, Any]) -> None:
        line = canonical_json(members)
        self.written.append(line)
        self.length += len(line)
        digest = line_digest(bytes.fromhex(self.place.digest), line)
        self.place = replace(self.place, digest=digest.hex())

    def event(self, shown: dict[str, Any]) -> None:
        self.flush()
        self.write({"kind": "event", **shown})
        self.place = replace(self.place, events=self.place.events + 1, unsigned=True)

    def leave_out(self, seq: int, hashed: bytes) -> None:
        if self._span and self._span.first + self._span.count != seq - 1:
            self.flush()  # a row is missing there, and whoever verifies is to see it
        self._span = self._span or Span(seq - 1)
        self._span.append(hashed)

    def checkpoint(self, row: AuditCheckpoint) -> None:
        self.flush()
        self.write({"kind": "checkpoint", **checkpoint_shown(checkpoint_of(row), bytes(row.signature))})
        self.place = replace(self.place, unsigned=False)

    def omit(self, span: Span) -> None:
        nodes = [node.hex() for node in span.nodes]
        last = span.first + span.count
        self.write({"kind": "omitted", "first": span.first + 1, "last": last, "nodes": nodes})
        self.place = replace(self.place, omitted=self.place.omitted + span.count)

    def flush(self) -> None:
        if self._span:
            self.omit(self._span)
        self._span = None
