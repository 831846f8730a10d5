"""The second factor passed, and the authenticator app, TOTP of RFC 6238 (docs/protocol.md, section 11.2)."""

import base64
import secrets
import time
from io import BytesIO
from typing import Any
from urllib.parse import quote

import segno
from django.db import transaction
from django.utils import timezone
from django_otp.oath import totp
from django_scopes import scope

from accounts.errors import SecondFactorExists, SecondFactorMissing, SecondFactorRefused
from accounts.models import RecoveryCode, SecondFactor, SecurityKey, Session, User
from accounts.peer import Peer
from accounts.rules import policy_of
from accounts.sealed import tenant_owner
from accounts.services.factors import (
    factor_added,
    factor_removed,
    factors_count,
    factors_lock,
    last_check,
    session_passed,
)
from accounts.services.recovery_code import recovery_code_take
from accounts.services.security_key_check import assertion_refusal, challenge_take
from accounts.services.sign_in_limits import failure_count, failures_check, failures_clear
from sealpost.crypto.hkdf import equal
from sealpost.errors import SealpostError
from vault.services import secret_unwrap, secret_wrap

_PURPOSE, _SECRET, _STEP, _DIGITS = "second-factor", 20, 30, 6
_DRIFT = (-1, 0, 1)


def second_factor_show(*, peer: Peer) -> dict[str, Any]:
    """Whether this person has one, which, must have one, and is asked for it now."""
    with scope(tenant=peer.tenant):
        totp = _confirmed(peer.user).exists()
        keys = SecurityKey.objects.filter(user=peer.user).count()
        return {
            "enrolled": totp or keys > 0,
            "totp": totp,
            "keys": keys,
            "required": policy_of(peer.tenant.id).second_factor_required,
            "due": peer.second_factor_due,
            "recovery_codes": RecoveryCode.objects.filter(user=peer.user, used_at=None).count(),
        }


@transaction.atomic
def second_factor_begin(*, peer: Peer) -> dict[str, Any]:
    """A new secret to be scanned: base32, an otpauth URI, and its QR code as a data URI; one begun before is dropped.

    SecondFactorExists when a confirmed one is there: it must be removed first. SecondFactorDue.
    """
    with scope(tenant=peer.tenant):
        factors_lock(peer)
        SecondFactor.objects.filter(user=peer.user, confirmed_at=None).delete()
        if SecondFactor.objects.filter(user=peer.user).exists():
            raise SecondFactorExists
        secret = secrets.token_bytes(_SECRET)
        row = SecondFactor(tenant=peer.tenant, user=peer.user)
        row.wrapped_secret = secret_wrap(
            owner=tenant_owner(peer.tenant.id), purpose=_PURPOSE, row=str(row.id), secret=secret
        )
        row.save(force_insert=True)
    written = base64.b32encode(secret).decode()
    uri = f"otpauth://totp/Sealpost:{quote(peer.user.login)}?secret={written}&issuer=Sealpost"
    return {"secret": written, "uri": uri, "qr": _qr(uri)}


def _qr(uri: str) -> str:
    drawn = BytesIO()
    segno.make(uri, error="m").save(drawn, kind="svg", scale=4, border=4, light="#fff", xmldecl=False, svgns=True)
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.getvalue()).decode()}"


@transaction.atomic
def second_factor_confirm(*, peer: Peer, code: str) -> list[str]:
    """The first right code makes the app count; returns recovery codes, shown once, where it is the first factor.

    SecondFactorRefused, SecondFactorDue.
    """
    with scope(tenant=peer.tenant):
        factors_lock(peer)
        row = SecondFactor.objects.select_for_update().filter(user=peer.user, confirmed_at=None).first()
        if row is None or not _totp_right(row, code):
            raise SecondFactorRefused
        row.confirmed_at = timezone.now()
        row.save(update_fields=["confirmed_at", "last_step"])
        return factor_added(peer=peer, action="second_factor.enrolled")


def second_factor_check(
    *, peer: Peer, code: str = "", untrusted_credential: dict[str, Any] | None = None, origin: str = ""
) -> None:
    """Let this session go on: by a code of the app or a recovery code, each once, or by what a security key answered.

    Wrong ones count like wrong passwords. SecondFactorRefused, SignInPaused; for a key SecurityKeyStale,
    SecurityKeyRefused, SecurityKeyCloned.
    """
    index = bytes(peer.user.login_index or b"")
    failures_check(index)
    answer, challenge = untrusted_credential, b""
    if answer is not None:
        challenge = challenge_take(peer=peer, purpose="get", untrusted_answer=answer)
    with scope(tenant=peer.tenant), transaction.atomic():
        if answer is not None:
            refusal = assertion_refusal(peer=peer, untrusted_answer=answer, challenge=challenge, origin=origin)
        else:
            refusal = _code_refusal(peer, code)
        if refusal is None:
            session_passed(peer)
    if refusal is not None:
        failure_count(index)
        raise refusal
    failures_clear(index)


def second_factor_remove(
    *, peer: Peer, code: str = "", untrusted_credential: dict[str, Any] | None = None, origin: str = ""
) -> None:
    """Give the authenticator app up by passing any factor.

    SecondFactorMissing, SecondFactorRequired where it is the last, and what `second_factor_check` raises.
    """
    with scope(tenant=peer.tenant):
        if not _confirmed(peer.user).exists():
            raise SecondFactorMissing
        last_check(peer)
    second_factor_check(peer=peer, code=code, untrusted_credential=untrusted_credential, origin=origin)
    with scope(tenant=peer.tenant), transaction.atomic():
        factors_lock(peer)
        last_check(peer)
        _confirmed(peer.user).delete()
        factor_removed(peer=peer, action="second_factor.removed")


def second_factor_due(*, user: User, suite: int) -> bool:
    """Whether a new session of this user must pass a second factor. Partner systems (suite 0) have none."""
    if suite == 0 or user.role == User.Role.DEPOSITOR:
        return False
    return bool(factors_count(user)) or policy_of(user.tenant_id).second_factor_required


def second_factors_demand(*, tenant_id: Any) -> None:
    """Ask every open session of a tenant that has not passed one: its policy has just begun to require it."""
    people = Session.objects.filter(tenant_id=tenant_id, ended_at=None, second_factor_at=None)
    people.exclude(shared_key__suite=0).exclude(user__role=User.Role.DEPOSITOR).update(second_factor_due=True)


def _confirmed(user: User) -> Any:
    return SecondFactor.objects.filter(user=user).exclude(confirmed_at=None)


def _code_refusal(peer: Peer, code: str) -> SealpostError | None:
    """None for a right code, which never serves again."""
    row = _confirmed(peer.user).select_for_update().first()
    if row and _totp_right(row, code):
        row.save(update_fields=["last_step"])
        return None
    return None if recovery_code_take(peer.user, code) else SecondFactorRefused()


def _totp_right(row: SecondFactor, code: str) -> bool:
    """Whether it is a code of about now, later than the last that was taken, which it then becomes."""
    owner = tenant_owner(row.tenant_id)
    secret = secret_unwrap(owner=owner, purpose=_PURPOSE, row=str(row.id), wrapped=row.wrapped_secret)
    now, given = int(time.time()) // _STEP, "".join(code.split()).encode()
    right = [
        now + drift
        for drift in _DRIFT
        if equal(f"{totp(secret, step=_STEP, digits=_DIGITS, drift=drift):0{_DIGITS}d}".encode(), given)
    ]
    later = [step for step in right if step > row.last_step]
    if not later:
        return False
    row.last_step = later[0]
    return True
