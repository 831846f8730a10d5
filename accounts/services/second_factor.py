"""The second factor: TOTP (RFC 6238) and recovery codes (docs/protocol.md, section 11.2)."""

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

from accounts.errors import SecondFactorExists, SecondFactorMissing, SecondFactorRefused, SecondFactorRequired
from accounts.models import RecoveryCode, SecondFactor, Session, User
from accounts.peer import Peer
from accounts.rules import policy_of
from accounts.sealed import tenant_owner
from accounts.services.event_record import event_record
from accounts.services.sign_in_limits import failure_count, failures_check, failures_clear
from sealpost.crypto.hkdf import equal
from vault.services import keyed_index, secret_unwrap, secret_wrap

_PURPOSE, _SECRET, _STEP, _DIGITS = "second-factor", 20, 30, 6
_DRIFT = (-1, 0, 1)
_CODES, _CODE_BYTES = 10, 8


def second_factor_show(*, peer: Peer) -> dict[str, Any]:
    """Whether this person has one, must have one, and is asked for it now."""
    with scope(tenant=peer.tenant):
        return {
            "enrolled": SecondFactor.objects.filter(user=peer.user).exclude(confirmed_at=None).exists(),
            "required": policy_of(peer.tenant.id).second_factor_required,
            "due": peer.second_factor_due,
            "recovery_codes": RecoveryCode.objects.filter(user=peer.user, used_at=None).count(),
        }


@transaction.atomic
def second_factor_begin(*, peer: Peer) -> dict[str, Any]:
    """A new secret to be scanned: base32, an otpauth URI, and its QR code as a data URI; one begun before is dropped.

    SecondFactorExists when a confirmed one is there: it must be removed by a code of its own first.
    """
    with scope(tenant=peer.tenant):
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
    """The first right code makes the factor count; returns ten recovery codes, shown once. SecondFactorRefused."""
    with scope(tenant=peer.tenant):
        row = SecondFactor.objects.select_for_update().filter(user=peer.user, confirmed_at=None).first()
        if row is None or not _totp_right(row, code):
            raise SecondFactorRefused
        row.confirmed_at = timezone.now()
        row.save(update_fields=["confirmed_at", "last_step"])
        codes = _codes_make(peer.user)
        _passed(peer)
        event_record(tenant_id=peer.tenant.id, actor=peer.user, action="second_factor.enrolled", subject=peer.user.id)
    return codes


def second_factor_check(*, peer: Peer, code: str) -> None:
    """Let this session go on: a code of the device, or a recovery code, each once. SecondFactorRefused, SignInPaused.

    Wrong ones count like wrong passwords.
    """
    index = bytes(peer.user.login_index or b"")
    failures_check(index)
    with scope(tenant=peer.tenant), transaction.atomic():
        right = _code_take(peer, code)
        if right:
            _passed(peer)
    if not right:
        failure_count(index)
        raise SecondFactorRefused
    failures_clear(index)


def second_factor_remove(*, peer: Peer, code: str) -> None:
    """Give the factor up by one of its codes.

    SecondFactorRequired, SecondFactorMissing, SecondFactorRefused, SignInPaused.
    """
    if policy_of(peer.tenant.id).second_factor_required:
        raise SecondFactorRequired
    with scope(tenant=peer.tenant):
        if not SecondFactor.objects.filter(user=peer.user).exclude(confirmed_at=None).exists():
            raise SecondFactorMissing
    second_factor_check(peer=peer, code=code)
    with scope(tenant=peer.tenant), transaction.atomic():
        second_factor_reset(user=peer.user)
        event_record(tenant_id=peer.tenant.id, actor=peer.user, action="second_factor.removed", subject=peer.user.id)


def second_factor_reset(*, user: User) -> None:
    """Forget a person's factor, as after a re-issued passphrase. The caller holds the scope and a transaction."""
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def second_factor_due(*, user: User, suite: int) -> bool:
    """Whether a new session of this user must pass a second factor. Partner systems (suite 0) have none."""
    if suite == 0 or user.role == User.Role.DEPOSITOR:
        return False
    enrolled = SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).exists()
    return enrolled or policy_of(user.tenant_id).second_factor_required


def second_factors_demand(*, tenant_id: Any) -> None:
    """Ask every open session of a tenant that has not passed one: its policy has just begun to require it."""
    people = Session.objects.filter(tenant_id=tenant_id, ended_at=None, second_factor_at=None)
    people.exclude(shared_key__suite=0).exclude(user__role=User.Role.DEPOSITOR).update(second_factor_due=True)


def _passed(peer: Peer) -> None:
    now = timezone.now()
    Session.objects.filter(id=peer.session_id).update(second_factor_due=False, second_factor_at=now)
    event_record(tenant_id=peer.tenant.id, actor=peer.user, action="second_factor.passed", subject=peer.session_id)


def _code_take(peer: Peer, code: str) -> bool:
    """Whether the code is right; it never serves again."""
    row = SecondFactor.objects.select_for_update().filter(user=peer.user).exclude(confirmed_at=None).first()
    if row and _totp_right(row, code):
        row.save(update_fields=["last_step"])
        return True
    spare = RecoveryCode.objects.filter(user=peer.user, hash=_code_hash(peer.user, code), used_at=None)
    return bool(spare.update(used_at=timezone.now()))


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


def _codes_make(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().rstrip("=").lower() for _ in range(_CODES)]
    rows = [RecoveryCode(tenant_id=user.tenant_id, user=user, hash=_code_hash(user, code)) for code in codes]
    RecoveryCode.objects.bulk_create(rows)
    return [f"{code[:5]}-{code[5:9]}-{code[9:]}" for code in codes]


def _code_hash(user: User, code: str) -> bytes:
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return keyed_index(purpose="recovery-code", value=f"{user.id}:{plain}")
