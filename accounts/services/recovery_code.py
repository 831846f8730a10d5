"""Codes that stand in for a lost second factor, each once (docs/protocol.md, section 11.2)."""

import base64
import secrets

from django.utils import timezone

from accounts.models import RecoveryCode, User
from vault.services import keyed_index

_CODES, _CODE_BYTES = 10, 8


def recovery_codes_make(user: User) -> list[str]:
    """Ten new codes of 64 bits, to be shown once; those before end. The caller holds the scope and a transaction."""
    RecoveryCode.objects.filter(user=user).delete()
    codes = [base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().rstrip("=").lower() for _ in range(_CODES)]
    rows = [RecoveryCode(tenant_id=user.tenant_id, user=user, hash=_code_hash(user, code)) for code in codes]
    RecoveryCode.objects.bulk_create(rows)
    return [f"{code[:5]}-{code[5:9]}-{code[9:]}" for code in codes]


def recovery_code_take(user: User, code: str) -> bool:
    """Whether it is one that is left, however it is written; it never serves again."""
    spare = RecoveryCode.objects.filter(user=user, hash=_code_hash(user, code), used_at=None)
    return bool(spare.update(used_at=timezone.now()))


def _code_hash(user: User, code: str) -> bytes:
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return keyed_index(purpose="recovery-code", value=f"{user.id}:{plain}")
