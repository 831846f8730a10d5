"""Ed25519 signatures (RFC 8032) and the fingerprint by which people compare keys (docs/protocol.md, section 14)."""

import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sealpost.crypto.hkdf import label, sha256
from sealpost.errors import DecryptionError

KEY, SIGNATURE = 32, 64
_FINGERPRINT = 16


def public_key(private: bytes) -> bytes:
    """The 32-byte public key of a 32-byte private one."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def sign(private: bytes, statement: bytes) -> bytes:
    """64 bytes. The statement must be a Label, so that one key can never be made to sign for another use."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(statement)


def verify(public: bytes, statement: bytes, signature: bytes) -> None:
    """Raise DecryptionError unless the signature is this key's over this statement."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, statement)
    except (InvalidSignature, ValueError):
        raise DecryptionError from None


def fingerprint(public: bytes) -> str:
    """16 bytes of SHA-256 over the labelled key, in eight groups of four hexadecimal digits."""
    digits = sha256(label("signing-key", public))[:_FINGERPRINT].hex()
    return "-".join(re.findall("....", digits))


def fingerprint_normal(written: str) -> str:
    """A fingerprint as `fingerprint` writes it, however a person typed it; ValueError for what is none."""
    digits = re.sub(r"[\s:-]", "", written).lower()
    if not re.fullmatch(r"[0-9a-f]{32}", digits):
        raise ValueError("a fingerprint has 32 hexadecimal digits")
    return "-".join(re.findall("....", digits))
