"""HKDF-SHA256 (RFC 5869) and the labels of docs/protocol.md, section 1."""

import hashlib
import hmac as _hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PREFIX = b"sealpost/v1/"


def u32be(number: int) -> bytes:
    """Four bytes, big endian; OverflowError outside 0 … 2³²−1."""
    return number.to_bytes(4, "big")


def label(name: str, *parts: bytes | str) -> bytes:
    """`"sealpost/v1/" ‖ name ‖ 0x00 ‖ lp(part)…`; text parts are UTF-8 (section 1)."""
    encoded = (part.encode() if isinstance(part, str) else bytes(part) for part in parts)
    return _PREFIX + name.encode() + b"\0" + b"".join(u32be(len(part)) + part for part in encoded)


def hkdf(key: bytes, *, salt: bytes = b"", info: bytes, length: int = 32) -> bytes:
    """Extract and expand `length` bytes; an empty salt is RFC 5869's default."""
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt or None, info=info).derive(key)


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """32 bytes (RFC 2104)."""
    return _hmac.digest(key, data, "sha256")


def sha256(data: bytes) -> bytes:
    """32 bytes."""
    return hashlib.sha256(data).digest()


def equal(left: bytes, right: bytes) -> bool:
    """Compare in constant time for equal lengths."""
    return _hmac.compare_digest(left, right)


def xor(left: bytes, right: bytes) -> bytes:
    """Byte-wise; ValueError when the lengths differ."""
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
