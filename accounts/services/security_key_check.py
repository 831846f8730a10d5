"""Security keys asked and their answers checked (docs/protocol.md, section 11.2). Callers hold the peer's scope."""

import secrets
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.utils import timezone

from accounts.authenticator import (
    CHALLENGE,
    CHALLENGE_SECONDS,
    Credential,
    assertion_verify,
    challenge_claimed,
    request_options,
    rp_id_of,
)
from accounts.models import SecurityKey, User
from accounts.peer import Peer
from accounts.sealed import tenant_owner
from accounts.security_key_errors import (
    SecurityKeyCloned,
    SecurityKeyMissing,
    SecurityKeyRefused,
    SecurityKeyStale,
)
from accounts.services.event_record import event_record
from sealpost.crypto.encoding import b64u_encode
from sealpost.crypto.hkdf import equal
from sealpost.errors import SealpostError
from vault.services import secret_unwrap, secret_wrap

_PURPOSE = "security-key"


def credential_wrap(row: SecurityKey, credential: Credential) -> None:
    """Put a credential into its row, wrapped and bound to it."""
    owner = tenant_owner(row.tenant_id)
    row.wrapped_credential = secret_wrap(owner=owner, purpose=_PURPOSE, row=str(row.id), secret=credential.packed())


def credential_of(row: SecurityKey) -> Credential:
    """The credential of a row; DecryptionError where it was moved there."""
    owner = tenant_owner(row.tenant_id)
    wrapped = row.wrapped_credential
    return Credential.unpacked(secret_unwrap(owner=owner, purpose=_PURPOSE, row=str(row.id), wrapped=wrapped))


def credentials_of(user: User, *, lock: bool = False) -> list[tuple[SecurityKey, Credential]]:
    """A person's keys, oldest first."""
    rows = SecurityKey.objects.filter(user=user).order_by("created_at")
    return [(row, credential_of(row)) for row in (rows.select_for_update() if lock else rows)]


def challenge_issue(*, peer: Peer, purpose: str) -> bytes:
    """32 random bytes that this session has to have signed within 120 s, for `create` or `get`."""
    challenge = secrets.token_bytes(CHALLENGE)
    cache.set(_name(peer, purpose, challenge), 1, CHALLENGE_SECONDS)
    return challenge


def challenge_take(*, peer: Peer, purpose: str, untrusted_answer: dict[str, Any]) -> bytes:
    """The challenge that an answer is to, once: whoever deletes it has it. SecurityKeyStale."""
    claimed = challenge_claimed(untrusted_answer)
    name = _name(peer, purpose, claimed)
    if cache.get(name) is None or not cache.delete(name):
        raise SecurityKeyStale
    return claimed


def _name(peer: Peer, purpose: str, challenge: bytes) -> str:
    return f"security-key:{purpose}:{peer.session_id}:{b64u_encode(challenge)}"


def assertion_ask(*, peer: Peer, origin: str) -> dict[str, Any]:
    """What a browser hands to one of the person's keys. SecurityKeyMissing, SecurityKeysUnavailable."""
    host = rp_id_of(origin)
    known = [credential for _, credential in credentials_of(peer.user) if credential.rp_id == host]
    if not known:
        raise SecurityKeyMissing
    return request_options(origin=origin, challenge=challenge_issue(peer=peer, purpose="get"), known=known)


def assertion_refusal(
    *, peer: Peer, untrusted_answer: dict[str, Any], challenge: bytes, origin: str
) -> SealpostError | None:
    """None for a right answer of one of the person's keys, which is then noted; otherwise what to refuse it with.

    A count that does not rise is a copy's: it is refused and recorded, and the caller's transaction must stand.
    """
    found = _answering(peer.user, untrusted_answer)
    if found is None:
        return SecurityKeyRefused()
    row, credential = found
    count = assertion_verify(
        untrusted_answer, credential=credential, user_id=peer.user.id, challenge=challenge, origin=origin
    )
    if count is None:
        return SecurityKeyRefused()
    if (count or row.sign_count) and count <= row.sign_count:
        _cloned(peer, row.id)
        return SecurityKeyCloned()
    row.sign_count, row.used_at = count, timezone.now()
    row.save(update_fields=["sign_count", "used_at"])
    return None


def _answering(user: User, untrusted_answer: dict[str, Any]) -> tuple[SecurityKey, Credential] | None:
    """The key that an answer names; the lock keeps two answers from meeting the same count."""
    named = untrusted_answer.get("id")
    if not isinstance(named, str) or not named.isascii():
        return None
    mine = credentials_of(user, lock=True)
    return next((one for one in mine if equal(b64u_encode(one[1].id).encode(), named.encode())), None)


def _cloned(peer: Peer, key: UUID) -> None:
    details = {"key": str(key)}
    action = "second_factor.key_cloned"
    event_record(tenant_id=peer.tenant.id, actor=peer.user, action=action, subject=peer.user.id, details=details)
