"""Keys of documents in transfer (docs/protocol.md, section 10)."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from sealpost.crypto.hkdf import equal, hkdf, label
from sealpost.errors import DecryptionError

PART = 8 << 20
Direction = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """Key of one object in one transfer, its 32-byte commitment and the associated data of its stream."""

    key: bytes = field(repr=False)
    commitment: bytes
    aad: bytes

    def check(self, commitment: bytes) -> None:
        """Raise DecryptionError unless the other side committed to the same key; constant time."""
        if not equal(self.commitment, commitment):
            raise DecryptionError


def object_key(shared_key: bytes, *, direction: Direction, transfer: UUID, kid: bytes, document: UUID) -> ObjectKey:
    """The key for `document` (in uploads: the transfer itself) under K of version `kid`."""
    info = label("object", direction, kid, document.bytes)
    okm = hkdf(shared_key, salt=transfer.bytes, info=info, length=64)
    aad = label("content", direction, transfer.bytes, document.bytes)
    return ObjectKey(key=okm[:32], commitment=okm[32:], aad=aad)


def part_count(wire_length: int) -> int:
    """Number of 8 MiB parts of a stream."""
    return -(-wire_length // PART)


def part_length(number: int, wire_length: int) -> int:
    """Bytes in part `number` of a stream, counted from 0."""
    return min(PART, wire_length - number * PART)
