"""Sign-in, the server's side (docs/protocol.md, section 7). Known and unknown logins take the same steps."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.errors import SignInRefused
from accounts.models import Session, SharedKey, User
from accounts.selectors import address_index, live_key, sign_in_key
from accounts.services.event_record import event_record
from accounts.services.second_factor import second_factor_due
from accounts.services.shared_key import keys_open, parameters_of
from accounts.services.sign_in_limits import failure_count, failures_check, failures_clear, starts_check
from sealpost.crypto.encoding import b64u_decode, b64u_encode
from sealpost.crypto.kdf import PASSWORD, login_normalise
from sealpost.errors import DecryptionError
from sealpost.protocol.handshake import (
    client_verified,
    nonce_new,
    server_confirmation,
    server_signature,
    transcript,
)
from vault.errors import RingMissing
from vault.services import keyed_index

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
    index = address_index(login)
    failures_check(index)
    row, known = sign_in_key(index)
    invented = keyed_index(purpose="invented", value=login_normalise(login))
    salt, kid, parameters = invented[:16], invented[16:], PASSWORD
    if row and known:
        salt, kid, parameters = bytes(row.salt), bytes(row.kid), parameters_of(row)
    challenge, server_nonce = uuid.uuid4(), nonce_new()
    state = {
        "key": str(row.id if row else uuid.UUID(int=0)),
        "known": known,
        "index": b64u_encode(index),
        "origin": origin,
        "client_nonce": b64u_encode(client_nonce),
        "server_nonce": b64u_encode(server_nonce),
    }
    cache.set(f"challenge:{challenge}", json.dumps(state), CHALLENGE_SECONDS)
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


def _challenge_take(challenge: UUID) -> dict[str, Any]:
    """The state of a challenge, once: whoever deletes it has it. SignInRefused."""
    name = f"challenge:{challenge}"
    state = cache.get(name)
    if state is None or not cache.delete(name):
        raise SignInRefused
    found: dict[str, Any] = json.loads(state)
    return found


def _transcript(state: dict[str, Any], challenge: UUID, row: SharedKey) -> bytes:
    return transcript(
        origin=state["origin"],
        login=row.user.login,
        client_nonce=b64u_decode(state["client_nonce"]),
        parameters=parameters_of(row),
        salt=bytes(row.salt),
        kid=bytes(row.kid),
        server_nonce=b64u_decode(state["server_nonce"]),
        challenge=challenge,
    )


def handshake_finish(*, challenge: UUID, proof: bytes, confirmation: bytes, client: str) -> FinishedHandshake:
    """Verify both 32-byte proofs of the client and open a session. SignInRefused whatever is wrong, SignInPaused."""
    state = _challenge_take(challenge)
    index = b64u_decode(state["index"])
    failures_check(index)
    finished = _verify(state, challenge, proof, confirmation, client)
    if finished is None:
        failure_count(index)
        raise SignInRefused
    failures_clear(index)
    return finished


def _verify(
    state: dict[str, Any], challenge: UUID, proof: bytes, confirmation: bytes, client: str
) -> FinishedHandshake | None:
    """The session's proofs, or None. A stand-in's keys are opened and compared like any other's, and never serve."""
    row = live_key(UUID(state["key"]))
    if row is None:
        return None
    try:
        keys, agreed = keys_open(row), _transcript(state, challenge, row)
    except (DecryptionError, RingMissing):
        return None
    verified = client_verified(
        proof=proof,
        confirmation=confirmation,
        stored_key=keys.stored_key,
        shared_key=keys.shared_key,
        transcript=agreed,
    )
    if not (verified and state["known"]):
        return None
    session = _session_open(row, agreed, client)
    return FinishedHandshake(
        session=session.id,
        signature=server_signature(keys.server_key, agreed, session.id),
        confirmation=server_confirmation(keys.shared_key, agreed, session.id),
    )


@transaction.atomic
def _session_open(row: SharedKey, agreed: bytes, client: str) -> Session:
    now = timezone.now()
    with scope(tenant=row.tenant):
        session = Session(
            tenant_id=row.tenant_id,
            user=row.user,
            shared_key=row,
            transcript=agreed,
            last_seen_at=now,
            expires_at=now + SESSION_LIFE,
            second_factor_due=second_factor_due(user=row.user, suite=row.suite),
        )
        session.client = client[:_CLIENT_MOST] or "unknown"
        session.save(force_insert=True)
        User.objects.filter(id=row.user_id).update(signed_in_at=now)
        event_record(tenant_id=row.tenant_id, actor=row.user, action="session.opened", subject=session.id)
    return session
