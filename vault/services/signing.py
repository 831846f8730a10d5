"""Statements that the service signs: Ed25519 keys, made on first use, private halves under the platform's ring."""

import os
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from sealpost.crypto import signing
from vault.errors import SigningKeyUnknown
from vault.models import KeyRing, SigningKey
from vault.services.secret import platform_ring, secret_unwrap, secret_wrap
from vault.unscoped import unscoped

_PURPOSE = "signing-key"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What the world may know of a signing key."""

    id: UUID
    public: bytes
    created_at: datetime

    @property
    def fingerprint(self) -> str:
        """By which people compare it."""
        return signing.fingerprint(self.public)


def _newest() -> SigningKey | None:
    return SigningKey.objects.order_by("-created_at", "-id").first()


def _made() -> SigningKey:
    private = os.urandom(signing.KEY)
    row = SigningKey(public=signing.public_key(private))
    row.wrapped_private = secret_wrap(owner=platform_ring(), purpose=_PURPOSE, row=str(row.id), secret=private)
    row.save(force_insert=True)
    return row


def _public(row: SigningKey) -> PublicKey:
    return PublicKey(row.id, bytes(row.public), row.created_at)


@unscoped
def signing_key() -> PublicKey:
    """The key that signs now, made on first use. Processes that ask at once get the same."""
    row = _newest()
    if row is None:
        with transaction.atomic():
            KeyRing.objects.select_for_update().get(owner=platform_ring())
            row = _newest() or _made()
    return _public(row)


@unscoped
def signing_key_create() -> PublicKey:
    """A new key that signs from now on; what earlier ones signed stays verifiable by their public halves."""
    return _public(_made())


@unscoped
def signing_keys() -> list[PublicKey]:
    """Every key that ever signed, the newest first."""
    return [_public(row) for row in SigningKey.objects.order_by("-created_at", "-id")]


@unscoped
def signing_key_public(key_id: UUID) -> bytes:
    """The 32-byte public half; SigningKeyUnknown."""
    return bytes(_row(key_id).public)


@unscoped
def statement_sign(statement: bytes, *, key_id: UUID | None = None) -> tuple[UUID, bytes]:
    """(key, 64-byte signature) over a statement, which must be a Label, by this key or the one that signs now.

    A statement that names its key asks `signing_key` first. SigningKeyUnknown, DecryptionError where the key's row was
    altered.
    """
    row = _row(key_id or signing_key().id)
    private = secret_unwrap(
        owner=platform_ring(), purpose=_PURPOSE, row=str(row.id), wrapped=bytes(row.wrapped_private)
    )
    return row.id, signing.sign(private, statement)


def _row(key_id: UUID) -> SigningKey:
    row = SigningKey.objects.filter(id=key_id).first()
    if row is None:
        raise SigningKeyUnknown
    return row
