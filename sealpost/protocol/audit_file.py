"""A signed export of an audit log: its lines, and the verifier that needs nothing but them (docs/protocol.md, 14.3)."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sealpost.crypto.encoding import b64u_decode
from sealpost.crypto.merkle import HASH, MerkleTree, aligned_levels
from sealpost.crypto.signing import KEY, SIGNATURE, fingerprint, verify
from sealpost.errors import DecryptionError, SealpostError
from sealpost.protocol.audit import (
    FORMAT,
    GENESIS,
    Checkpoint,
    Event,
    canonical_json,
    line_digest,
    trailer_statement,
)

LINE_MOST = 1 << 20


class AuditRefused(SealpostError):
    """An export that does not hold; the sentence tells the first thing."""

    code = "audit_refused"
    sentence = "This file is not a whole export of an audit log."


@dataclass(slots=True)
class Verified:
    """What an export that holds says."""

    tenant: UUID
    filtered: bool
    events: int = 0
    omitted: int = 0
    first_at: str = ""
    last_at: str = ""
    checkpoints: int = 0
    last_checkpoint: int = 0
    keys: set[str] = field(default_factory=set)


def line_write(members: dict[str, Any]) -> str:
    """A line of an export, without its line feed: there is one way to write it."""
    return canonical_json(members)


def file_verify(
    lines: Iterable[bytes],
    *,
    fingerprints: Iterable[str] = (),
    checkpoint: Callable[[Checkpoint], None] = lambda found: None,
) -> Verified:
    """Verify an export line by line, each with its line feed, in little memory whatever its length.

    `fingerprints`: where some are given, every signature must be by one of these keys. `checkpoint` is called with each
    that holds. AuditRefused.
    """
    reader = _Reader(frozenset(fingerprints), checkpoint)
    for line in lines:
        reader.take(line)
    return reader.end()


def _hash(text: Any) -> bytes:
    found = bytes.fromhex(text)
    if len(found) != HASH or found.hex() != text:
        raise ValueError("not the one way to write 32 bytes")
    return found


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("not a whole number")
    return value


def _uuid(text: Any) -> UUID:
    found = UUID(text)
    if str(found) != text:
        raise ValueError("not the one way to write a uuid")
    return found


def _uuid_or_none(text: Any) -> UUID | None:
    return None if text is None else _uuid(text)


def _time(text: Any) -> str:
    if datetime.fromisoformat(text).isoformat() != text or not text.endswith("+00:00"):
        raise ValueError("not a time of an audit log")
    return str(text)


class _Reader:
    """Where the verifier stands in a file."""

    def __init__(self, fingerprints: frozenset[str], told: Callable[[Checkpoint], None]) -> None:
        self._fingerprints, self._told = fingerprints, told
        self._line, self._digest = 0, GENESIS
        self._said: Verified | None = None
        self._keys: dict[UUID, bytes] = {}
        self._tree, self._last = MerkleTree(), 0
        self._head: bytes | None = GENESIS  # the hash of the event before, where the file has it
        self._checkpoint: Checkpoint | None = None
        self._ended = False
        self._takes: dict[str, Callable[[dict[str, Any]], None]] = {
            "event": self._event, "omitted": self._omitted, "checkpoint": self._signed_checkpoint,
            "trailer": self._trailer,
        }  # fmt: skip

    def _refused(self, sentence: str) -> AuditRefused:
        return AuditRefused(f"Line {self._line}: {sentence}")

    def take(self, line: bytes) -> None:
        """The next line."""
        self._line += 1
        if self._ended:
            raise self._refused("something stands behind the end of the export, which must be its last line.")
        text, members = self._parsed(line)
        kind = members.get("kind")
        try:
            if self._line == 1:
                self._header(members)
            else:
                self._takes[kind if isinstance(kind, str) else ""](members)
        except (KeyError, TypeError, ValueError, AttributeError, SealpostError) as error:
            if isinstance(error, AuditRefused):
                raise
            raise self._refused("it is not a line of an audit log's export, or it was altered.") from error
        self._digest = line_digest(self._digest, text)

    def _parsed(self, line: bytes) -> tuple[str, dict[str, Any]]:
        if not line.endswith(b"\n"):
            raise self._refused("the file was cut off in it.")
        try:
            text = line[:-1].decode("ascii")
            members = json.loads(text)
            if isinstance(members, dict) and line_write(members) == text:
                return text, members
        except (ValueError, RecursionError):
            pass
        raise self._refused("it is not a line of an audit log's export, or it was altered.")

    def _header(self, members: dict[str, Any]) -> None:
        if members["kind"] != "header" or members["format"] != FORMAT:
            raise self._refused("this is not an audit log's export of a kind that this command knows.")
        if type(members["filtered"]) is not bool:
            raise TypeError("filtered is true or false")
        self._said = Verified(_uuid(members["tenant"]), members["filtered"])
        self._last = _number(members["last"])
        self._keys = {_uuid(key["id"]): b64u_decode(key["public"], KEY) for key in members["keys"]}

    @property
    def _found(self) -> Verified:
        assert self._said is not None
        return self._said

    def _place(self, seq: int) -> None:
        expected = self._tree.size + 1
        if seq != expected:
            raise self._refused(f"event {expected} should stand here, and event {seq} does.")

    def _event(self, members: dict[str, Any]) -> None:
        event = Event(
            tenant=self._found.tenant, seq=_number(members["seq"]), at=_time(members["at"]),
            actor=_uuid_or_none(members["actor"]), action=members["action"],
            subject=_uuid_or_none(members["subject"]), details=members["details"],
        )  # fmt: skip
        self._place(event.seq)
        previous, given = _hash(members["previous"]), _hash(members["hash"])
        if event.hash(previous) != given:
            raise self._refused(f"event {event.seq} was altered: it does not fit its hash.")
        if self._head not in {None, previous}:
            raise self._refused(f"event {event.seq} does not continue event {event.seq - 1}: one of both was replaced.")
        self._tree.append(given)
        self._head = given
        said = self._found
        said.events += 1
        said.first_at, said.last_at = said.first_at or event.at, event.at

    def _omitted(self, members: dict[str, Any]) -> None:
        """Events that the filters leave out: their places and hashes stay in the tree."""
        first, last = _number(members["first"]), _number(members["last"])
        self._place(first)
        levels = list(aligned_levels(first - 1, last - first + 1))
        nodes = [_hash(node) for node in members["nodes"]]
        if not self._found.filtered or last < first or len(levels) != len(nodes):
            raise self._refused("events are left out here where none may be.")
        for level, node in zip(levels, nodes, strict=True):
            self._tree.add(level, node)
        self._head = None
        self._found.omitted += last - first + 1

    def _signed_checkpoint(self, members: dict[str, Any]) -> None:
        checkpoint = Checkpoint(
            tenant=self._found.tenant, seq=_number(members["seq"]), root=_hash(members["root"]),
            head=_hash(members["head"]), previous=_hash(members["previous"]), at=_time(members["at"]),
            key=_uuid(members["key"]),
        )  # fmt: skip
        name = f"the checkpoint at event {checkpoint.seq}"
        if checkpoint.seq != self._tree.size:
            raise self._refused(f"{name} stands behind event {self._tree.size}: one was removed or moved.")
        self._signed(checkpoint.key, checkpoint.statement(), members["signature"], name)
        if checkpoint.root != self._tree.root() or self._head not in {None, checkpoint.head}:
            raise self._refused(f"{name} was signed over other events: one of those before it was replaced.")
        before = self._checkpoint.digest() if self._checkpoint else GENESIS
        if not self._found.filtered and checkpoint.previous != before:
            raise self._refused(f"a checkpoint before {name} is missing.")
        self._checkpoint = checkpoint
        self._found.checkpoints += 1
        self._found.last_checkpoint = checkpoint.seq
        self._told(checkpoint)

    def _signed(self, key: UUID, statement: bytes, signature: Any, name: str) -> None:
        public = self._keys.get(key)
        if public is None:
            raise self._refused(f"{name} is signed by a key that the header does not name.")
        found = fingerprint(public)
        if self._fingerprints and found not in self._fingerprints:
            raise self._refused(f"{name} is signed by key {found}, which is not the one that you gave.")
        try:
            verify(public, statement, b64u_decode(signature, SIGNATURE))
        except DecryptionError:
            raise self._refused(f"{name} does not fit its signature: it was altered.") from None
        self._found.keys.add(found)

    def _trailer(self, members: dict[str, Any]) -> None:
        said = self._found
        if self._tree.size != self._last:
            raise self._refused(f"the export ends at event {self._tree.size}; its header names {self._last}.")
        counted = (_number(members["events"]), _number(members["omitted"]), _hash(members["digest"]))
        if counted != (said.events, said.omitted, self._digest) or set(members) != _TRAILER:
            raise self._refused("the end of the export does not fit the lines before it: something was altered.")
        key = _uuid(members["key"])
        statement = trailer_statement(
            tenant=said.tenant, events=said.events, omitted=said.omitted, digest=self._digest, key=key
        )
        self._signed(key, statement, members["signature"], "the end of the export")
        self._ended = True

    def end(self) -> Verified:
        """What was read, once the whole file was."""
        if not self._ended:
            raise AuditRefused("The file was cut off: the signed line at its end is missing.")
        return self._found


_TRAILER = {"kind", "events", "omitted", "digest", "key", "signature"}
