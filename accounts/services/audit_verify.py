"""Whether an audit chain is what was written: the first thing that does not hold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from accounts.models import AuditCheckpoint, AuditEvent
from accounts.selectors.audit import (
    ChainEnd,
    chain_checkpoints,
    chain_end,
    chain_events,
    checkpoint_of,
    event_of,
)
from sealpost.crypto.merkle import MerkleTree
from sealpost.crypto.signing import verify
from sealpost.errors import SealpostError
from sealpost.protocol.audit import GENESIS, Checkpoint
from vault.services import signing_key_public


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not hold: at which event, as which code, in one sentence."""

    event: int
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a walk over a chain saw; `finding` is None where all holds."""

    events: int
    checkpoints: int
    finding: Finding | None


class _Found(Exception):
    def __init__(self, event: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.finding = Finding(event, code, sentence)


def chain_verify(*, tenant_id: UUID) -> ChainReport:
    """Walk a chain from its first event. What is appended meanwhile is left for the next time."""
    walk = _Walk(chain_end(tenant_id))
    try:
        walk.run(tenant_id)
    except _Found as found:
        return ChainReport(walk.tree.size, walk.checkpoints, found.finding)
    return ChainReport(walk.tree.size, walk.checkpoints, None)


def checkpoints_known(*, tenant_id: UUID, checkpoints: Iterable[Checkpoint]) -> Finding | None:
    """Whether a log that holds still has the checkpoints that an earlier export of it carries; the first it has not.

    Who cuts a chain, its head and its checkpoints back to an earlier state is told by this alone.
    """
    for kept in checkpoints:
        row = AuditCheckpoint.objects.filter(tenant_id=tenant_id, seq=kept.seq).first()
        if row is None or checkpoint_of(row).digest() != kept.digest():
            return Finding(
                kept.seq, "export_differs",
                f"The export has a signed checkpoint at event {kept.seq} that the log has no more: "
                "the log was cut off or rewritten since.",
            )  # fmt: skip
    return None


class _Walk:
    def __init__(self, end: ChainEnd) -> None:
        self.end = end
        self.tree, self.head = MerkleTree(), GENESIS
        self.checkpoints, self.signed, self.digest = 0, 0, GENESIS

    def run(self, tenant_id: UUID) -> None:
        last = self.end.checkpoint.seq if self.end.checkpoint else -1
        coming = chain_checkpoints(tenant_id, until=last)
        checkpoint = next(coming, None)
        for row in chain_events(tenant_id, after=0, until=self.end.last_event):
            self._event(row)
            checkpoint = self._reached(checkpoint, coming)
        self._ended(checkpoint)

    def _event(self, row: AuditEvent) -> None:
        seq = self.tree.size + 1
        if row.seq != seq:
            raise _Found(seq, "event_missing", f"Event {seq} is missing: it was removed or moved.")
        previous, given = bytes(row.previous), bytes(row.hash)
        if event_of(row).hash(previous) != given:
            raise _Found(seq, "event_altered", f"Event {seq} was altered or moved: it does not fit its hash.")
        if previous != self.head:
            raise _Found(
                seq, "event_replaced", f"Event {seq} does not continue event {seq - 1}: one of both was replaced."
            )
        self.tree.append(given)
        self.head = given

    def _reached(self, checkpoint: AuditCheckpoint | None, coming: Iterator[AuditCheckpoint]) -> AuditCheckpoint | None:
        """Check the checkpoint that stands at this event, if one does; the next one."""
        if checkpoint is None or checkpoint.seq > self.tree.size:
            return checkpoint
        self._checkpoint(checkpoint)
        return next(coming, None)

    def _checkpoint(self, row: AuditCheckpoint) -> None:
        said, name = checkpoint_of(row), f"The checkpoint at event {row.seq}"
        try:
            verify(signing_key_public(row.key), said.statement(), bytes(row.signature))
        except SealpostError:
            raise _Found(row.seq, "checkpoint_altered", f"{name} was altered: it does not fit its signature.") from None
        if said.previous != self.digest:
            raise _Found(row.seq, "checkpoint_missing", f"A checkpoint before the one at event {row.seq} is missing.")
        if (said.root, said.head) != (self.tree.root(), self.head):
            where = f"events {self.signed + 1} to {row.seq}"
            raise _Found(
                row.seq, "event_replaced", f"{name} was signed over other events: one of {where} was replaced."
            )
        if bytes(row.edge) != self.tree.edge:
            raise _Found(row.seq, "checkpoint_altered", f"{name} was altered: its edge is not that of its tree.")
        self.checkpoints, self.signed, self.digest = self.checkpoints + 1, row.seq, said.digest()

    def _ended(self, checkpoint: AuditCheckpoint | None) -> None:
        seq, end = self.tree.size, self.end
        if seq < end.seq:
            raise _Found(seq + 1, "end_missing", f"The end was cut off: events {seq + 1} to {end.seq} are missing.")
        if checkpoint is not None:
            raise _Found(
                seq + 1, "end_missing",
                f"The end was cut off after event {seq}: a checkpoint was signed over {checkpoint.seq} events.",
            )  # fmt: skip
        if seq > end.seq:
            raise _Found(end.seq + 1, "event_added", f"Event {end.seq + 1} stands behind the end of the chain.")
        if self.head != end.hash:
            raise _Found(seq, "event_replaced", f"Event {seq} is not the one by which the chain ends: it was replaced.")
        if self.digest != end.checkpoint_digest:
            raise _Found(seq, "checkpoint_missing", "The last checkpoint is missing or was replaced.")
