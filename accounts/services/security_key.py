"""Security keys and passkeys as second factors: added, named, removed (docs/protocol.md, section 11.2)."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django_scopes import scope

from accounts.authenticator import creation_options, registration_verify, rp_id_of
from accounts.errors import NotFound
from accounts.models import SecurityKey
from accounts.peer import Peer
from accounts.security_key_errors import SecurityKeyExists, TooManySecurityKeys
from accounts.services.address import name_check
from accounts.services.event_record import event_record
from accounts.services.factors import factor_added, factor_removed, factors_lock, last_check, passed_check
from accounts.services.second_factor import second_factor_check
from accounts.services.security_key_check import (
    assertion_ask,
    challenge_issue,
    challenge_take,
    credential_wrap,
    credentials_of,
)

KEYS_MOST = 20


def security_key_list(*, peer: Peer) -> list[dict[str, Any]]:
    """The person's keys, oldest first. SecondFactorDue."""
    with scope(tenant=peer.tenant):
        passed_check(peer)
        return [_shape(row) for row in SecurityKey.objects.filter(user=peer.user).order_by("created_at")]


def security_key_begin(*, peer: Peer, origin: str) -> dict[str, Any]:
    """What a browser hands to a new key: a PublicKeyCredentialCreationOptionsJSON.

    SecondFactorDue, TooManySecurityKeys, SecurityKeysUnavailable.
    """
    rp_id_of(origin)
    with scope(tenant=peer.tenant):
        passed_check(peer)
        known = [credential for _, credential in credentials_of(peer.user)]
        if len(known) >= KEYS_MOST:
            raise TooManySecurityKeys(limit=KEYS_MOST)
        challenge = challenge_issue(peer=peer, purpose="create")
    user = peer.user
    return creation_options(
        user_id=user.id, login=user.login, name=user.name, origin=origin, challenge=challenge, known=known
    )


@transaction.atomic
def security_key_confirm(
    *, peer: Peer, name: str, untrusted_credential: dict[str, Any], origin: str
) -> tuple[dict[str, Any], list[str]]:
    """Add the key that answered, by a name of the person's own; the key, and recovery codes where it is their first.

    NameInvalid, SecondFactorDue, SecurityKeyStale, SecurityKeyInvalid, SecurityKeyExists, TooManySecurityKeys.
    """
    name = name_check(name)
    with scope(tenant=peer.tenant):
        factors_lock(peer)
        challenge = challenge_take(peer=peer, purpose="create", untrusted_answer=untrusted_credential)
        credential, count = registration_verify(untrusted_credential, challenge=challenge, origin=origin)
        known = [one.id for _, one in credentials_of(peer.user)]
        if credential.id in known:
            raise SecurityKeyExists
        if len(known) >= KEYS_MOST:
            raise TooManySecurityKeys(limit=KEYS_MOST)
        row = SecurityKey(tenant=peer.tenant, user=peer.user, sign_count=count)
        row.name = name
        credential_wrap(row, credential)
        row.save(force_insert=True)
        codes = factor_added(peer=peer, action="second_factor.key_added", details={"key": str(row.id)})
    return _shape(row), codes


@transaction.atomic
def security_key_rename(*, peer: Peer, key_id: UUID, name: str) -> dict[str, Any]:
    """Another name for one of the person's own. NotFound, NameInvalid, SecondFactorDue."""
    name = name_check(name)
    with scope(tenant=peer.tenant):
        passed_check(peer)
        row = _own(peer, key_id)
        row.name = name
        row.save(update_fields=["name_sealed"])
        _record(peer, "second_factor.key_renamed", row)
        return _shape(row)


def security_key_challenge(*, peer: Peer, origin: str) -> dict[str, Any]:
    """A PublicKeyCredentialRequestOptionsJSON for the person's keys. SecurityKeyMissing, SecurityKeysUnavailable."""
    with scope(tenant=peer.tenant):
        return assertion_ask(peer=peer, origin=origin)


def security_key_remove(
    *, peer: Peer, key_id: UUID, code: str = "", untrusted_credential: dict[str, Any] | None = None, origin: str = ""
) -> None:
    """Give a key up by passing any factor, itself included.

    NotFound, SecondFactorRequired where it is the last, and what `second_factor_check` raises.
    """
    with scope(tenant=peer.tenant):
        _own(peer, key_id)
        last_check(peer)
    second_factor_check(peer=peer, code=code, untrusted_credential=untrusted_credential, origin=origin)
    with scope(tenant=peer.tenant), transaction.atomic():
        factors_lock(peer)
        row = _own(peer, key_id)
        last_check(peer)
        row.delete()
        factor_removed(peer=peer, action="second_factor.key_removed", details={"key": str(key_id)})


def _own(peer: Peer, key_id: UUID) -> SecurityKey:
    row = SecurityKey.objects.filter(id=key_id, user=peer.user).first()
    if row is None:
        raise NotFound
    return row


def _record(peer: Peer, action: str, row: SecurityKey) -> None:
    details = {"key": str(row.id)}
    event_record(tenant_id=peer.tenant.id, actor=peer.user, action=action, subject=peer.user.id, details=details)


def _shape(row: SecurityKey) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "created_at": row.created_at.isoformat(),
        "used_at": row.used_at.isoformat() if row.used_at else None,
    }
