"""HPKE single-shot base mode (RFC 9180), suite 1 of docs/protocol.md, section 6."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from sealpost.errors import DecryptionError

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def key_pair_new() -> tuple[bytes, bytes]:
    """(private, public), 32 raw bytes each (RFC 7748)."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def public_key(private: bytes) -> bytes:
    """The 32-byte public key of a 32-byte private key."""
    key = X25519PrivateKey.from_private_bytes(private).public_key()
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def hpke_seal(public: bytes, plaintext: bytes, *, info: bytes) -> bytes:
    """`enc(32) ‖ ciphertext ‖ tag(16)`; empty aad."""
    return _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), info)


def hpke_open(private: bytes, sealed: bytes, *, info: bytes) -> bytes:
    """The plaintext of `hpke_seal`; DecryptionError."""
    try:
        return _SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info)
    except (InvalidTag, ValueError):
        raise DecryptionError from None
