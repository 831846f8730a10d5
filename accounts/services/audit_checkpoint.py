"""Signed checkpoints of audit chains: what was signed once cannot be rewritten without its telling."""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.errors import ChainBroken
from accounts.models import AuditCheckpoint, AuditHead
from accounts.selectors.audit import ChainEnd, chain_end, chain_events, chains_due, checkpoint_of, event_of
from sealpost.crypto.merkle import MerkleTree
from sealpost.crypto.signing import verify
from sealpost.errors import SealpostError
from sealpost.protocol.audit import GENESIS
from vault.services import signing_key, signing_key_public, statement_sign

EVENTS = 1000
_EVERY = timedelta(hours=1)
_log = logging.getLogger("sealpost.audit")


def checkpoints_make() -> None:
    """Sign every chain that grew by 1,000 events since its last checkpoint, or at all since one an hour old.

    A chain that does not hold is not signed, but told in the log of the service.
    """
    for tenant in chains_due(events=EVENTS, before=timezone.now() - _EVERY):
        try:
            with scope(tenant=tenant):
                checkpoint_make(tenant_id=tenant.id)
        except ChainBroken as error:
            _log.error("organisation %s: %s No checkpoint was signed; run audit_verify.", tenant.id, error.sentence)


def checkpoint_make(*, tenant_id: UUID) -> bool:
    """Sign a chain as it is now, going on from its last checkpoint; False where nothing is new or another process was
    quicker. Reads without the chain's lock, which is held only to write. ChainBroken: nothing was signed.
    """
    end = chain_end(tenant_id)
    if end.checkpoint and end.checkpoint.seq >= end.seq:
        return False
    if end.seq == 0:
        return False
    tree, head, before = _begun(end)
    for row in chain_events(tenant_id, after=tree.size, until=end.seq):
        if row.seq != tree.size + 1 or bytes(row.previous) != head or event_of(row).hash(head) != bytes(row.hash):
            raise ChainBroken(f"The audit chain does not hold at event {tree.size + 1}.")
        head = bytes(row.hash)
        tree.append(head)
    if (tree.size, head) != (end.seq, end.hash):
        raise ChainBroken(f"The audit chain does not hold at event {tree.size + 1}.")
    return _written(tenant_id, tree, head, before)


def _begun(end: ChainEnd) -> tuple[MerkleTree, bytes, bytes]:
    """Tree, head and digest of the last checkpoint, once they were verified."""
    last = end.checkpoint
    if last is None:
        if end.checkpoint_digest != GENESIS:
            raise ChainBroken("The last checkpoint is missing.")
        return MerkleTree(), GENESIS, GENESIS
    statement = checkpoint_of(last)
    try:
        verify(signing_key_public(last.key), statement.statement(), bytes(last.signature))
        tree = MerkleTree(last.seq, bytes(last.edge))
    except (SealpostError, ValueError) as error:
        raise ChainBroken(f"The checkpoint at event {last.seq} was altered.") from error
    if tree.root() != statement.root or statement.digest() != end.checkpoint_digest:
        raise ChainBroken(f"The checkpoint at event {last.seq} was altered, or one after it is missing.")
    return tree, statement.head, statement.digest()


def _written(tenant_id: UUID, tree: MerkleTree, head: bytes, before: bytes) -> bool:
    row = AuditCheckpoint(
        tenant_id=tenant_id, seq=tree.size, root=tree.root(), head=head, previous=before, edge=tree.edge,
        at=timezone.now(), key=signing_key().id,
    )  # fmt: skip
    statement = checkpoint_of(row)
    _, row.signature = statement_sign(statement.statement(), key_id=row.key)
    with transaction.atomic():
        end = AuditHead.objects.select_for_update().get(tenant_id=tenant_id)
        if bytes(end.checkpoint) != before:
            return False
        row.save(force_insert=True)
        end.checkpoint = statement.digest()
        end.save(update_fields=["checkpoint"])
    return True
