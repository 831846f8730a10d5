"""The type of a document by its first bytes: patterns are compared, nothing is parsed."""

import codecs
import mimetypes
import re
from dataclasses import dataclass

import puremagic

PREFIX = 8192
UNKNOWN = "application/octet-stream"
_OOXML = "application/vnd.openxmlformats-officedocument."
_OOXML_PARTS = (
    (b"word/", "wordprocessingml.document"),
    (b"xl/", "spreadsheetml.sheet"),
    (b"ppt/", "presentationml.presentation"),
)
_ODF = re.compile(rb"PK\x03\x04.{26}mimetype(application/[a-z0-9.+-]+)", re.DOTALL)
_TEXTUAL = ("text/", "application/json", "application/xml", "application/javascript", "message/", "image/svg")


@dataclass(frozen=True, slots=True)
class TypeVerdict:
    """The type that the content shows, and whether the name agrees with it."""

    media_type: str
    agrees: bool


def _text(untrusted_prefix: bytes) -> bool:
    """UTF-8 without zero bytes; a character that the prefix cuts in two is no fault."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(untrusted_prefix, final=len(untrusted_prefix) < PREFIX)
    except UnicodeDecodeError:
        return False
    return b"\0" not in untrusted_prefix


def _zip(untrusted_prefix: bytes) -> str:
    if found := _ODF.match(untrusted_prefix):
        return found[1].decode()
    if b"[Content_Types].xml" in untrusted_prefix or b"_rels/.rels" in untrusted_prefix:
        for part, kind in _OOXML_PARTS:
            if part in untrusted_prefix:
                return _OOXML + kind
    return "application/zip"


def _by_content(untrusted_prefix: bytes) -> str:
    if untrusted_prefix[:1024].lstrip().startswith(b"%PDF-"):
        return "application/pdf"
    if untrusted_prefix.startswith(b"PK\x03\x04"):
        return _zip(untrusted_prefix)
    if untrusted_prefix and _text(untrusted_prefix):
        return "text/plain"
    try:
        found = puremagic.magic_string(untrusted_prefix)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    return next((match.mime_type for match in found if match.mime_type), UNKNOWN)


def content_type_detect(untrusted_prefix: bytes, *, name: str) -> TypeVerdict:
    """Type by content from at most 8 KiB; a textual name refines text, a container's name refines a container."""
    by_content = _by_content(untrusted_prefix[:PREFIX])
    by_name = mimetypes.guess_type(name, strict=False)[0] or UNKNOWN
    if not untrusted_prefix:
        return TypeVerdict(by_name, True)
    if by_content == "text/plain" and by_name.startswith(_TEXTUAL):
        return TypeVerdict(by_name, True)
    if by_name in (UNKNOWN, by_content) or by_content == UNKNOWN:
        return TypeVerdict(
            by_content, by_content != UNKNOWN or by_name not in {"application/pdf", "image/jpeg", "image/png"}
        )
    if by_content == "application/zip" and not by_name.startswith(("image/", "text/", "application/pdf")):
        return TypeVerdict(by_name, True)
    return TypeVerdict(by_content, False)
