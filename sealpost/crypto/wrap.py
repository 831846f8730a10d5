"""Key-committing wrap of small secrets under a one-time AES-256-GCM key (docs/protocol.md, section 4)."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealpost.crypto.hkdf import equal, hkdf, label, u32be
from sealpost.errors import DecryptionError

_FORMAT = b"\1"
_SALT = slice(5, 37)
_COMMIT = slice(37, 69)
_BODY = slice(69, None)
_NONCE = bytes(12)
OVERHEAD = 85


def wrap_aad(*, purpose: str, owner: str, row: str) -> bytes:
    """Associated data that binds a wrapped secret to its use, its owner and its row."""
    return label("wrap-aad", purpose, owner, row)


def _one_time(key: bytes, *, salt: bytes, version: int, aad: bytes) -> tuple[bytes, bytes]:
    okm = hkdf(key, salt=salt, info=label("wrap", u32be(version), aad), length=64)
    return okm[:32], okm[32:]


def wrap(key: bytes, secret: bytes, *, version: int, aad: bytes) -> bytes:
    """85 bytes more than `secret`: format, version, salt, commitment, ciphertext and tag."""
    salt = os.urandom(32)
    one_time, commit = _one_time(key, salt=salt, version=version, aad=aad)
    return _FORMAT + u32be(version) + salt + commit + AESGCM(one_time).encrypt(_NONCE, secret, None)


def unwrap(key: bytes, wrapped: bytes, *, aad: bytes) -> bytes:
    """The secret; DecryptionError for any other key, version, aad or altered byte. The commitment is checked first."""
    wrapped = bytes(wrapped)
    version = wrapped_version(wrapped)
    one_time, commit = _one_time(key, salt=wrapped[_SALT], version=version, aad=aad)
    if not equal(commit, wrapped[_COMMIT]):
        raise DecryptionError
    try:
        return AESGCM(one_time).decrypt(_NONCE, wrapped[_BODY], None)
    except InvalidTag:
        raise DecryptionError from None


def wrapped_version(wrapped: bytes) -> int:
    """Version of the wrapping key that `wrapped` names; DecryptionError when it is malformed."""
    if len(wrapped) < OVERHEAD or wrapped[:1] != _FORMAT:
        raise DecryptionError
    return int.from_bytes(wrapped[1:5], "big")
