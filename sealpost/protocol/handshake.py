"""Sign-in: SCRAM-shaped proofs of the login key and a confirmation under K (docs/protocol.md, sections 7 and 8)."""

import os
from dataclasses import dataclass, field
from uuid import UUID

from sealpost.crypto.hkdf import equal, hkdf, hmac_sha256, label, sha256, u32be, xor
from sealpost.crypto.kdf import KdfParameters, login_normalise
from sealpost.errors import DecryptionError
from sealpost.protocol.keys import LoginKeys, UserKeys

NONCE = 32


def nonce_new() -> bytes:
    """32 random bytes."""
    return os.urandom(NONCE)


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """Keys of a session, 32 bytes each: request signature, client to server, server to client."""

    sign: bytes = field(repr=False)
    c2s: bytes = field(repr=False)
    s2c: bytes = field(repr=False)


def transcript(
    *,
    origin: str,
    login: str,
    client_nonce: bytes,
    parameters: KdfParameters,
    salt: bytes,
    kid: bytes,
    server_nonce: bytes,
    challenge: UUID,
) -> bytes:
    """T, 32 bytes: SHA-256 over every field of both sides and the origin."""
    numbers = [u32be(number) for number in (parameters.suite, parameters.m, parameters.t, parameters.p)]
    fields: list[bytes | str] = [
        origin,
        login_normalise(login),
        client_nonce,
        *numbers,
        salt,
        kid,
        server_nonce,
        challenge.bytes,
    ]
    return sha256(label("handshake", *fields))


def session_keys(shared_key: bytes, transcript: bytes) -> SessionKeys:
    """The three session keys from K and T."""
    sign, c2s, s2c = (hkdf(shared_key, salt=transcript, info=label("session", use)) for use in ("sign", "c2s", "s2c"))
    return SessionKeys(sign=sign, c2s=c2s, s2c=s2c)


def client_proof(keys: LoginKeys, transcript: bytes) -> bytes:
    """ClientKey ⊕ HMAC(StoredKey, …T), 32 bytes."""
    return xor(keys.client_key, hmac_sha256(keys.stored_key, label("client-proof", transcript)))


def client_confirmation(shared_key: bytes, transcript: bytes) -> bytes:
    """The client's confirmation under K, 32 bytes."""
    return hkdf(shared_key, salt=transcript, info=label("confirm", "client"))


def client_verified(
    *, proof: bytes, confirmation: bytes, stored_key: bytes, shared_key: bytes, transcript: bytes
) -> bool:
    """Whether the client holds ClientKey and K; both are always compared, in constant time."""
    client_key = xor(proof, hmac_sha256(stored_key, label("client-proof", transcript)))
    holds_login = equal(sha256(client_key), stored_key)
    holds_shared = equal(client_confirmation(shared_key, transcript), confirmation)
    return holds_login & holds_shared


def server_signature(server_key: bytes, transcript: bytes, session: UUID) -> bytes:
    """HMAC(ServerKey, …T, session), 32 bytes."""
    return hmac_sha256(server_key, label("server-signature", transcript, session.bytes))


def server_confirmation(shared_key: bytes, transcript: bytes, session: UUID) -> bytes:
    """The server's confirmation under K, 32 bytes."""
    return hkdf(shared_key, salt=transcript, info=label("confirm", "server", session.bytes))


def server_verify(keys: UserKeys, *, transcript: bytes, session: UUID, signature: bytes, confirmation: bytes) -> None:
    """Raise DecryptionError unless the server has shown ServerKey and K."""
    signed = equal(server_signature(keys.login.server_key, transcript, session), signature)
    confirmed = equal(server_confirmation(keys.shared_key, transcript, session), confirmation)
    if not signed & confirmed:
        raise DecryptionError


def change_proof(old: LoginKeys, *, transcript: bytes, digest: bytes) -> bytes:
    """Proof of the old password over the digest of the new bundle (section 8)."""
    return xor(old.client_key, hmac_sha256(old.stored_key, label("change-proof", transcript, digest)))


def change_verified(proof: bytes, *, stored_key: bytes, transcript: bytes, digest: bytes) -> bool:
    """Whether `proof` was made with the old ClientKey; constant time."""
    client_key = xor(proof, hmac_sha256(stored_key, label("change-proof", transcript, digest)))
    return equal(sha256(client_key), stored_key)
