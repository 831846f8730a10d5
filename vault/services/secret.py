"""Small secrets at rest: texts, shared keys, data keys; and keyed look-ups."""

from sealpost.crypto.hkdf import hkdf, hmac_sha256, label
from sealpost.crypto.stream import Buffer
from sealpost.crypto.wrap import unwrap, wrap, wrap_aad, wrapped_version
from vault.errors import RingMissing
from vault.services.ring import ring_create, ring_key

PLATFORM = "platform"


def secret_wrap(*, owner: str, purpose: str, row: str, secret: bytes) -> bytes:
    """The secret under the owner's current ring key, bound to purpose, owner and row (section 4). RingMissing."""
    key, version = ring_key(owner=owner)
    return wrap(key, secret, version=version, aad=wrap_aad(purpose=purpose, owner=owner, row=row))


def secret_unwrap(*, owner: str, purpose: str, row: str, wrapped: Buffer, cached: bool = True) -> bytes:
    """The secret; RingMissing, DecryptionError when it was wrapped for anything else. `cached`: see `ring_key`."""
    wrapped = bytes(wrapped)
    key, _ = ring_key(owner=owner, version=wrapped_version(wrapped), cached=cached)
    return unwrap(key, wrapped, aad=wrap_aad(purpose=purpose, owner=owner, row=row))


def platform_ring() -> str:
    """Owner of the platform's own ring, made on first use."""
    try:
        ring_key(owner=PLATFORM, version=1)
    except RingMissing:
        ring_create(owner=PLATFORM)
    return PLATFORM


def keyed_index(*, purpose: str, value: str) -> bytes:
    """32 bytes by which a sealed text is looked up; they say nothing without the root key.

    Always under version 1 of the platform's ring, so that an index stays the same for ever.
    """
    key, _ = ring_key(owner=platform_ring(), version=1)
    return hmac_sha256(hkdf(key, info=label("index", purpose)), value.encode())
