"""HTTP message signatures in the one profile of docs/protocol.md, section 9.1 (RFC 9421, RFC 9530)."""

import base64
import os
import re
import time
from dataclasses import dataclass
from uuid import UUID

from sealpost.crypto.encoding import b64u_decode, b64u_encode
from sealpost.crypto.hkdf import equal, hmac_sha256, sha256
from sealpost.errors import SealpostError

NONCE = 16
WINDOW = 60
TAG = "sealpost/v1"

_INPUT = re.compile(
    r'sig=(?P<parameters>\("@method" "@target-uri"(?P<digest> "content-digest")?\)'
    r';created=(?P<created>[0-9]{1,12});keyid="(?P<keyid>[0-9a-f-]{36})";nonce="(?P<nonce>[A-Za-z0-9_-]{22})"'
    r';alg="hmac-sha256";tag="sealpost/v1")\Z'
)
_SIGNATURE = re.compile(r"sig=:(?P<value>[A-Za-z0-9+/]{43}=):\Z")


class SignatureMalformed(SealpostError):
    """Signature headers that are missing or not of the one profile."""

    code = "signature_missing"
    status = 401
    sentence = "This address answers only signed requests. Sign in first; nothing was changed."


@dataclass(frozen=True, slots=True)
class SignatureInput:
    """What the Signature-Input header says; `parameters` is the text that the base repeats."""

    parameters: str
    created: int
    session: UUID
    nonce: bytes
    covers_digest: bool
    signature: bytes


def content_digest(body: bytes) -> str:
    """`sha-256=:BASE64:` (RFC 9530) over the bytes as sent."""
    return f"sha-256=:{base64.b64encode(sha256(body)).decode()}:"


def signature_base(*, method: str, target_uri: str, digest: str | None, parameters: str) -> bytes:
    """The signature base (RFC 9421, section 2.5) of the covered components."""
    lines = [f'"@method": {method}', f'"@target-uri": {target_uri}']
    if digest is not None:
        lines.append(f'"content-digest": {digest}')
    lines.append(f'"@signature-params": {parameters}')
    return "\n".join(lines).encode()


def signature_headers(
    key: bytes,
    *,
    session: UUID,
    method: str,
    target_uri: str,
    body: bytes | None = None,
    nonce: bytes | None = None,
    created: int | None = None,
) -> tuple[dict[str, str], bytes]:
    """(headers, nonce): Signature-Input, Signature, and Content-Digest when there is a sealed body."""
    nonce = nonce or os.urandom(NONCE)
    created = int(time.time()) if created is None else created
    digest = None if body is None else content_digest(body)
    covered = '("@method" "@target-uri"' + (' "content-digest")' if digest else ")")
    parameters = (
        f'{covered};created={created};keyid="{session}";nonce="{b64u_encode(nonce)}";alg="hmac-sha256";tag="{TAG}"'
    )
    base = signature_base(method=method, target_uri=target_uri, digest=digest, parameters=parameters)
    value = base64.b64encode(hmac_sha256(key, base)).decode()
    headers = {"Signature-Input": f"sig={parameters}", "Signature": f"sig=:{value}:"}
    if digest:
        headers["Content-Digest"] = digest
    return headers, nonce


def signature_parse(signature_input: str | None, signature: str | None) -> SignatureInput:
    """The headers' members; SignatureMalformed for anything but the one profile."""
    found, value = _INPUT.match(signature_input or ""), _SIGNATURE.match(signature or "")
    if not found or not value:
        raise SignatureMalformed
    try:
        session, nonce = UUID(found["keyid"]), b64u_decode(found["nonce"], NONCE)
    except (ValueError, SealpostError) as error:
        raise SignatureMalformed from error
    return SignatureInput(
        parameters=found["parameters"],
        created=int(found["created"]),
        session=session,
        nonce=nonce,
        covers_digest=bool(found["digest"]),
        signature=base64.b64decode(value["value"]),
    )


def signature_verified(key: bytes, claim: SignatureInput, *, method: str, target_uri: str, digest: str | None) -> bool:
    """Whether the signature is right for these components; constant time. `digest` is the header as received.

    The caller compares that header with the body (`content_digest`), the clock window and the nonce.
    """
    if claim.covers_digest != (digest is not None):
        return False
    base = signature_base(method=method, target_uri=target_uri, digest=digest, parameters=claim.parameters)
    return equal(hmac_sha256(key, base), claim.signature)
