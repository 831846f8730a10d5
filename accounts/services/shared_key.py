"""Shared keys at rest: stored, opened, retired. They exist outside this module only for the length of a request."""

from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import KeyRefused
from accounts.models import SharedKey, User
from accounts.sealed import tenant_owner
from sealpost.crypto.kdf import KdfParameters
from sealpost.protocol.bundle import KeyBundle
from sealpost.protocol.keys import UserKeys
from vault.services import secret_unwrap, secret_wrap

_SHARED, _LOGIN = "shared-key", "login-keys"


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """K, StoredKey and ServerKey of one version, 32 bytes each."""

    shared_key: bytes = field(repr=False)
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)


def bundle_of(keys: UserKeys) -> KeyBundle:
    """What a client would have sent for these keys, without a proof."""
    return KeyBundle(
        parameters=keys.parameters,
        salt=keys.salt,
        kid=keys.kid,
        shared_key=keys.shared_key,
        stored_key=keys.login.stored_key,
        server_key=keys.login.server_key,
        proof=b"",
    )


def shared_key_store(*, user: User, bundle: KeyBundle, issued: bool) -> SharedKey:
    """Make these keys the user's live version; the one before is retired and its bytes are destroyed.

    The caller holds the tenant's scope and a transaction. KeyRefused when any user ever had this kid.
    """
    shared_keys_retire(user=user)
    row = SharedKey(
        tenant_id=user.tenant_id,
        user=user,
        kid=bundle.kid,
        suite=bundle.parameters.suite,
        m=bundle.parameters.m,
        t=bundle.parameters.t,
        p=bundle.parameters.p,
        salt=bundle.salt,
        issued=issued,
    )
    owner, name = tenant_owner(user.tenant_id), str(row.id)
    row.wrapped_shared_key = secret_wrap(owner=owner, purpose=_SHARED, row=name, secret=bundle.shared_key)
    login = bundle.stored_key + bundle.server_key
    row.wrapped_login_keys = secret_wrap(owner=owner, purpose=_LOGIN, row=name, secret=login)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise KeyRefused from error
    return row


def shared_keys_retire(*, user: User) -> None:
    """End the user's live version and destroy its wrapped bytes."""
    live = SharedKey.objects.filter(user=user, retired_at=None)
    live.update(retired_at=timezone.now(), wrapped_shared_key=b"", wrapped_login_keys=b"")


def shared_key_open(row: SharedKey) -> bytes:
    """K alone. DecryptionError, RingMissing."""
    owner = tenant_owner(row.tenant_id)
    return secret_unwrap(owner=owner, purpose=_SHARED, row=str(row.id), wrapped=row.wrapped_shared_key)


def keys_open(row: SharedKey) -> OpenedKey:
    """K and the login keys, in a time that does not depend on what was opened lately. DecryptionError, RingMissing."""
    owner = tenant_owner(row.tenant_id)
    wrapped = row.wrapped_login_keys
    login = secret_unwrap(owner=owner, purpose=_LOGIN, row=str(row.id), wrapped=wrapped, cached=False)
    return OpenedKey(shared_key=shared_key_open(row), stored_key=login[:32], server_key=login[32:])


def parameters_of(row: SharedKey) -> KdfParameters:
    """The public derivation parameters of a version."""
    return KdfParameters(suite=row.suite, m=row.m, t=row.t, p=row.p)
