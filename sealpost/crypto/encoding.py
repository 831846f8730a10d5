"""Base64url without padding, strictly (docs/protocol.md, section 1)."""

import base64
import re

from sealpost.errors import SealpostError

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*\Z")


class EncodingInvalid(SealpostError):
    """Text that is not b64u of the expected number of bytes."""

    code = "encoding_invalid"
    sentence = "A field is not base64url of the expected length. Nothing was changed."


def b64u_encode(data: bytes) -> str:
    """RFC 4648 section 5 without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64u_decode(text: str, length: int | None = None) -> bytes:
    """The bytes, `length` of them when given; EncodingInvalid for padding, other alphabets, spare bits or lengths."""
    if not isinstance(text, str) or not _ALPHABET.match(text) or len(text) % 4 == 1:
        raise EncodingInvalid
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64u_encode(data) != text or (length is not None and len(data) != length):
        raise EncodingInvalid
    return data
