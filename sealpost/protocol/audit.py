"""Events, checkpoints and lines of an audit log (docs/protocol.md, section 14); server and verifier share them."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sealpost.crypto.hkdf import label, sha256

GENESIS = bytes(32)
FORMAT = "sealpost-audit-1"


def canonical_json(value: Any) -> str:
    """Members sorted by name, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def details_check(value: Any) -> None:
    """TypeError for what databases do not all give back as it was: fractions, and members not named by texts."""
    if isinstance(value, float):
        raise TypeError("an audit log holds whole numbers only")
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise TypeError("members are named by texts")
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return
    for part in value:
        details_check(part)


@dataclass(frozen=True, slots=True)
class Event:
    """One link of a chain. `at` is RFC 3339 in UTC as its hash has it: microseconds where there are any, `+00:00`."""

    tenant: UUID
    seq: int
    at: str
    actor: UUID | None
    action: str
    subject: UUID | None
    details: dict[str, Any]

    def hash(self, previous: bytes) -> bytes:
        """32 bytes over every field and the hash of the event before (section 14.1)."""
        fields = (self.tenant.bytes, str(self.seq), self.at, str(self.actor), self.action, str(self.subject))
        return sha256(label("audit", previous, *fields, canonical_json(self.details)))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is said of a chain up to `seq`, and signed (section 14.2)."""

    tenant: UUID
    seq: int
    root: bytes
    head: bytes
    previous: bytes
    at: str
    key: UUID

    def statement(self) -> bytes:
        """The bytes that are signed."""
        parts = (self.tenant.bytes, str(self.seq), self.root, self.head, self.previous, self.at, self.key.bytes)
        return label("audit-checkpoint", *parts)

    def digest(self) -> bytes:
        """32 bytes by which the next checkpoint names this one."""
        return sha256(self.statement())


def line_digest(previous: bytes, line: str) -> bytes:
    """The running digest of an export's lines, beginning with 32 zero bytes; `line` is without its line feed."""
    return sha256(label("audit-line", previous, line))


def trailer_statement(*, tenant: UUID, events: int, omitted: int, digest: bytes, key: UUID) -> bytes:
    """The bytes that the last line's signature covers (section 14.3)."""
    return label("audit-export", tenant.bytes, str(events), str(omitted), digest, key.bytes)
