"""Sign-in, the server's side (docs/protocol.md, section 7). Known and unknown logins take the same steps."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.core.cache import cache as shared_cache
from django.utils import timezone
from django_scopes import scope

from accounts.errors import SignInRefused
from accounts.models import Session, SharedKey
from accounts.selectors import live_key, user_by_login
from accounts.services.event_record import event_record
from accounts.services.shared_key import OpenedKey, keys_open, parameters_of
from accounts.services.sign_in_limits import failure_count, failures_check, failures_clear, starts_check
from sealpost.crypto.encoding import b64u_decode, b64u_encode
from sealpost.crypto.kdf import PASSWORD, login_normalise
from sealpost.protocol.handshake import client_verified, nonce_new, server_confirmation, server_signature, transcript
from vault.services import keyed_index, platform_ring, secret_unwrap, secret_wrap

CHALLENGE_SECONDS = 120
SESSION_LIFE = timedelta(hours=12)
_CLIENT_MOST = 120


@dataclass(frozen=True, slots=True)
class FinishedHandshake:
    """The answer of step 4: the session and the server's two proofs, 32 bytes each."""

    session: UUID
    signature: bytes = field(repr=False)
    confirmation: bytes = field(repr=False)


def handshake_start(*, login: str, client_nonce: bytes, origin: str, address: str) -> dict[str, Any]:
    """The members of step 1's answer. An unknown login gets stable invented ones. TooManyRequests, SignInPaused."""
    starts_check(address)
    login = login_normalise(login)
    index = keyed_index(purpose="login", value=login)
    failures_check(index)
    user = user_by_login(login)
    row = live_key(user.id if user else uuid.UUID(int=0))
    invented = keyed_index(purpose="invented", value=login)
    salt, kid = (bytes(row.salt), bytes(row.kid)) if row else (invented[:16], invented[16:])
    parameters = parameters_of(row) if row else PASSWORD
    challenge, server_nonce = uuid.uuid4(), nonce_new()
    state = {
        "key": str(row.id) if row else "",
        "user": str(user.id) if user and row else "",
        "index": b64u_encode(index),
        "origin": origin,
        "client_nonce": b64u_encode(client_nonce),
        "server_nonce": b64u_encode(server_nonce),
    }
    shared_cache.set(f"challenge:{challenge}", json.dumps(state), CHALLENGE_SECONDS)
    return {
        "suite": parameters.suite,
        "m": parameters.m,
        "t": parameters.t,
        "p": parameters.p,
        "salt": b64u_encode(salt),
        "kid": b64u_encode(kid),
        "nonce": b64u_encode(server_nonce),
        "challenge": str(challenge),
        "now": int(timezone.now().timestamp()),
    }


def _challenge_take(challenge: UUID) -> dict[str, str]:
    """The state of a challenge, once: whoever deletes it has it. SignInRefused."""
    name = f"challenge:{challenge}"
    state = shared_cache.get(name)
    if state is None or not shared_cache.delete(name):
        raise SignInRefused
    found: dict[str, str] = json.loads(state)
    return found


@cache
def _decoy() -> tuple[bytes, bytes]:
    """Wrapped random keys that nobody has, opened where a login is unknown so that it costs the same."""
    owner = platform_ring()
    return (
        secret_wrap(owner=owner, purpose="decoy", row="shared", secret=nonce_new()),
        secret_wrap(owner=owner, purpose="decoy", row="login", secret=nonce_new() + nonce_new()),
    )


def _decoy_open() -> OpenedKey:
    owner, (shared, login) = platform_ring(), _decoy()
    keys = secret_unwrap(owner=owner, purpose="decoy", row="login", wrapped=login)
    return OpenedKey(secret_unwrap(owner=owner, purpose="decoy", row="shared", wrapped=shared), keys[:32], keys[32:])


def _transcript(state: dict[str, str], challenge: UUID, row: SharedKey | None) -> bytes:
    return transcript(
        origin=state["origin"],
        login=row.user.login if row else state["index"],
        client_nonce=b64u_decode(state["client_nonce"]),
        parameters=parameters_of(row) if row else PASSWORD,
        salt=bytes(row.salt) if row else bytes(16),
        kid=bytes(row.kid) if row else bytes(16),
        server_nonce=b64u_decode(state["server_nonce"]),
        challenge=challenge,
    )


def handshake_finish(*, challenge: UUID, proof: bytes, confirmation: bytes, client: str) -> FinishedHandshake:
    """Verify both proofs of the client and open a session. SignInRefused whatever is wrong, SignInPaused."""
    state = _challenge_take(challenge)
    index = b64u_decode(state["index"])
    failures_check(index)
    row = live_key(UUID(state["user"] or "00000000-0000-0000-0000-000000000000"))
    if row is not None and str(row.id) != state["key"]:
        row = None
    keys = keys_open(row) if row else _decoy_open()
    agreed = _transcript(state, challenge, row)
    verified = client_verified(
        proof=proof,
        confirmation=confirmation,
        stored_key=keys.stored_key,
        shared_key=keys.shared_key,
        transcript=agreed,
    )
    if not verified or row is None:
        failure_count(index)
        raise SignInRefused
    failures_clear(index)
    session = _session_open(row, agreed, client)
    return FinishedHandshake(
        session=session.id,
        signature=server_signature(keys.server_key, agreed, session.id),
        confirmation=server_confirmation(keys.shared_key, agreed, session.id),
    )


def _session_open(row: SharedKey, agreed: bytes, client: str) -> Session:
    now = timezone.now()
    with scope(tenant=row.user.tenant):
        session = Session(
            tenant_id=row.tenant_id,
            user=row.user,
            shared_key=row,
            transcript=agreed,
            last_seen_at=now,
            expires_at=now + SESSION_LIFE,
        )
        session.client = client[:_CLIENT_MOST] or "unknown"
        session.save(force_insert=True)
        event_record(tenant_id=row.tenant_id, actor=row.user, action="session.opened", subject=session.id)
    return session
