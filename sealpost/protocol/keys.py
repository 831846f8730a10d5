"""What both sides derive from a root key (docs/protocol.md, section 3)."""

import os
from dataclasses import dataclass, field

from sealpost.crypto.hkdf import hkdf, label, sha256
from sealpost.crypto.kdf import PASSWORD, SALT, SECRET, KdfParameters, password_root, secret_root

KID = 16


@dataclass(frozen=True, slots=True)
class LoginKeys:
    """ClientKey, StoredKey and ServerKey of RFC 5802 section 3, 32 bytes each."""

    client_key: bytes = field(repr=False)
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class UserKeys:
    """One version of a user's keys: public parameters, the shared key K and the login keys."""

    parameters: KdfParameters
    salt: bytes
    kid: bytes
    shared_key: bytes = field(repr=False)
    login: LoginKeys = field(repr=False)


def user_keys(root: bytes, *, parameters: KdfParameters, salt: bytes, kid: bytes) -> UserKeys:
    """Everything of section 3 from a 32-byte root key."""
    login = hkdf(root, info=label("auth", kid), length=64)
    client_key = login[:32]
    return UserKeys(
        parameters=parameters,
        salt=salt,
        kid=kid,
        shared_key=hkdf(root, info=label("share", kid)),
        login=LoginKeys(client_key=client_key, stored_key=sha256(client_key), server_key=login[32:]),
    )


def password_keys(
    password: str, *, parameters: KdfParameters = PASSWORD, salt: bytes | None = None, kid: bytes | None = None
) -> UserKeys:
    """Keys of a password (suite 1); salt and kid are new when not given. KdfRefused outside the bounds."""
    salt, kid = salt or os.urandom(SALT), kid or os.urandom(KID)
    root = password_root(password, salt=salt, parameters=parameters)
    return user_keys(root, parameters=parameters, salt=salt, kid=kid)


def secret_keys(
    secret: bytes, *, parameters: KdfParameters = SECRET, salt: bytes | None = None, kid: bytes | None = None
) -> UserKeys:
    """Keys of a 32-byte machine secret (suite 0); salt and kid are new when not given."""
    salt, kid = salt or os.urandom(SALT), kid or os.urandom(KID)
    root = secret_root(secret, salt=salt, parameters=parameters)
    return user_keys(root, parameters=parameters, salt=salt, kid=kid)


def local_key(shared_key: bytes, purpose: str) -> bytes:
    """32 bytes that seal what a client keeps at rest (section 12)."""
    return hkdf(shared_key, info=label("local", purpose))


def local_aad(purpose: str, record: str | bytes) -> bytes:
    """Associated data of a record kept at rest, of a `.sealed` file by its head (section 12)."""
    return label("local", purpose, record)
