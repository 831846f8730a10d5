"""Sealed bodies of requests and answers (docs/protocol.md, section 9.2)."""

from dataclasses import dataclass
from uuid import UUID

from sealpost.crypto import stream
from sealpost.crypto.hkdf import label, u32be

CODING = "sealed"
LIMIT = (1 << 20) + 56


@dataclass(frozen=True, slots=True)
class BodyContext:
    """What a body is bound to; `status` is 0 in requests, `nonce` the request's in both directions."""

    method: str
    target_uri: str
    nonce: bytes
    session: UUID
    content_type: str
    status: int = 0

    def aad(self, direction: str) -> bytes:
        """Associated data for direction `c2s` or `s2c`."""
        parts = (direction, self.method, self.target_uri, u32be(self.status), self.nonce, self.session.bytes)
        return label("body", *parts, self.content_type)


def request_seal(key: bytes, plaintext: bytes, context: BodyContext) -> bytes:
    """A request's body under session key c2s."""
    return stream.seal(key, plaintext, aad=context.aad("c2s"))


def request_open(key: bytes, sealed: bytes, context: BodyContext) -> bytes:
    """The plaintext of a request's body; DecryptionError."""
    return stream.open(key, sealed, aad=context.aad("c2s"))


def answer_seal(key: bytes, plaintext: bytes, context: BodyContext) -> bytes:
    """An answer's body under session key s2c."""
    return stream.seal(key, plaintext, aad=context.aad("s2c"))


def answer_open(key: bytes, sealed: bytes, context: BodyContext) -> bytes:
    """The plaintext of an answer's body; DecryptionError."""
    return stream.open(key, sealed, aad=context.aad("s2c"))
