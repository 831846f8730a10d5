"""Root keys: Argon2id for passwords, HKDF for machine secrets (docs/protocol.md, section 2)."""

import base64
import binascii
import unicodedata
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw

from sealpost.crypto.hkdf import hkdf, label
from sealpost.errors import KdfRefused, SealpostError

SALT = 16
ROOT = 32
_MEMORY_KIB = range(46 * 1024, 256 * 1024 + 1)
_PASSES = range(2, 11)
_LANES = range(1, 17)


class SecretMalformed(SealpostError):
    """The text is not a machine secret as section 2 writes it."""

    code = "secret_malformed"
    sentence = "That is not a machine secret: it has 52 letters and digits in groups of four. Nothing was sent."


@dataclass(frozen=True, slots=True)
class KdfParameters:
    """Suite 1 is Argon2id with m KiB, t passes, p lanes; suite 0 is HKDF alone with m = t = p = 0."""

    suite: int
    m: int
    t: int
    p: int


PASSWORD = KdfParameters(suite=1, m=65536, t=3, p=4)
SECRET = KdfParameters(suite=0, m=0, t=0, p=0)


def parameters_check(parameters: KdfParameters, *, pinned_suite: int) -> None:
    """Raise KdfRefused unless the suite is the pinned one and its costs lie in the bounds of section 2."""
    if parameters.suite != pinned_suite:
        raise KdfRefused
    if parameters.suite == 0 and parameters == SECRET:
        return
    within = parameters.m in _MEMORY_KIB and parameters.t in _PASSES and parameters.p in _LANES
    if parameters.suite != 1 or not within:
        raise KdfRefused


def password_root(password: str, *, salt: bytes, parameters: KdfParameters) -> bytes:
    """32-byte root key of a password by Argon2id (RFC 9106, version 0x13); KdfRefused outside the bounds."""
    parameters_check(parameters, pinned_suite=1)
    return hash_secret_raw(
        unicodedata.normalize("NFC", password).encode(),
        salt,
        time_cost=parameters.t,
        memory_cost=parameters.m,
        parallelism=parameters.p,
        hash_len=ROOT,
        type=Type.ID,
        version=0x13,
    )


def secret_root(secret: bytes, *, salt: bytes, parameters: KdfParameters) -> bytes:
    """32-byte root key of a 32-byte machine secret (suite 0); KdfRefused for any other suite."""
    parameters_check(parameters, pinned_suite=0)
    if len(secret) != ROOT:
        raise SecretMalformed
    return hkdf(secret, salt=salt, info=label("suite0"), length=ROOT)


def secret_format(secret: bytes) -> str:
    """52 base32 characters in groups of four joined by `-`."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def secret_parse(text: str) -> bytes:
    """The 32 bytes of `secret_format`; case, white space and `-` do not matter. SecretMalformed otherwise."""
    compact = "".join(text.replace("-", "").split()).upper()
    try:
        secret = base64.b32decode(compact + "=" * (-len(compact) % 8))
    except (binascii.Error, ValueError) as error:
        raise SecretMalformed from error
    if len(secret) != ROOT:
        raise SecretMalformed
    return secret


def login_normalise(login: str) -> str:
    """`lower(NFC(trim(login)))` (section 2)."""
    return unicodedata.normalize("NFC", login.strip()).lower()
