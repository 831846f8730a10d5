"""The type of a document by its first bytes. Here a few marks are compared; a library looks in the sandbox alone."""

import codecs
import re
from dataclasses import dataclass

from accounts.rules import media_type_canonical
from exchange.sandbox import Limits, SandboxError, sandbox
from exchange.steps.kinds import EXECUTABLE, PROGRAM, type_by_name

PREFIX = 8192
SUFFIX = 1 << 16
UNKNOWN = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]{1,100}", re.IGNORECASE)
_OOXML = "application/vnd.openxmlformats-officedocument."
_OOXML_PARTS = (
    (b"word/", "wordprocessingml.document"),
    (b"xl/", "spreadsheetml.sheet"),
    (b"ppt/", "presentationml.presentation"),
)
# What an Office document begins with; in an archive of some, the first name is another.
_OOXML_BEGINS = re.compile(
    rb"PK\x03\x04.{26}(\[Content_Types\]\.xml|(_rels|docProps|customXml|word|xl|ppt)/)", re.DOTALL
)
_ODF = re.compile(rb"PK\x03\x04.{26}mimetype(application/[a-z0-9.+-]+)", re.DOTALL)
# Marks of what comes most, so that no sandbox is started for it: (mark, offset, type).
_MARKS = (
    (b"MZ", 0, PROGRAM),
    (b"\x7fELF", 0, EXECUTABLE),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF8", 0, "image/gif"),
    (b"II*\0", 0, "image/tiff"),
    (b"MM\0*", 0, "image/tiff"),
    (b"WEBP", 8, "image/webp"),
)
_LIMITS = Limits(seconds=20, memory_mb=256, output_bytes=0)
_PACKAGE = (b"[Content_Types].xml", b"_rels/.rels", b"mimetypeapplication/")
_OFFICE = (_OOXML, "application/vnd.oasis.opendocument.", "application/vnd.ms-")
_TEXTUAL = (
    "text/",
    "application/json",
    "application/x-ndjson",
    "application/xml",
    "application/javascript",
    "message/",
    "image/svg",
)

# Tables, which are often not UTF-8, and bytes that no text has in any encoding of one byte a character.
_LEGACY = {"text/csv", "text/tab-separated-values"}
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")


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


def _legacy_text(untrusted_prefix: bytes) -> bool:
    """Text in UTF-16 with its mark, or in an encoding of one byte a character."""
    if untrusted_prefix.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        whole = untrusted_prefix[: len(untrusted_prefix) // 2 * 2]
        return _NO_TEXT.search(whole.decode("utf-16", "replace").encode()) is None
    return _NO_TEXT.search(untrusted_prefix) is None


def _zip(untrusted_prefix: bytes) -> str:
    if found := _ODF.match(untrusted_prefix):
        return found[1].decode()
    listed = b"[Content_Types].xml" in untrusted_prefix or b"_rels/.rels" in untrusted_prefix
    if listed and _OOXML_BEGINS.match(untrusted_prefix):
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
    for mark, at, media_type in _MARKS:
        if untrusted_prefix.startswith(mark, at):
            return media_type
    return _recognised(untrusted_prefix) if untrusted_prefix else UNKNOWN


def _recognised(untrusted_prefix: bytes) -> str:
    """What the library says, in the sandbox; unknown where there is none or it does not come to an end."""
    execution = sandbox().run(
        program="detect",
        arguments={},
        untrusted_input=[untrusted_prefix],
        tick=lambda done, total: None,
        limits=_LIMITS,
    )
    try:
        for _ in execution:
            pass
    except SandboxError:
        return UNKNOWN
    said = execution.report.get("findings", [{"text": UNKNOWN}])[0]["text"]
    return said if _MEDIA_TYPE.fullmatch(said) else UNKNOWN


def _archive_only(untrusted_ends: bytes, by_name: str) -> bool:
    """Whether a container with the name of an Office document has nothing of one at either end, where it would be."""
    return by_name.startswith(_OFFICE) and not any(mark in untrusted_ends for mark in _PACKAGE)


def content_type_detect(untrusted_prefix: bytes, *, name: str, untrusted_suffix: bytes = b"") -> TypeVerdict:
    """Type by content from at most 8 KiB; a textual name refines text, a container's name refines a container.

    `untrusted_suffix` is the last 64 KiB, where a container lists what is in it.
    """
    by_content = media_type_canonical(_by_content(untrusted_prefix[:PREFIX]))
    by_name = type_by_name(name) or UNKNOWN
    refined = by_content == "text/plain" and by_name.startswith(_TEXTUAL)
    with_macros = by_content.startswith(_OOXML) and by_name.endswith(".macroenabled.12")
    legacy = by_name in _LEGACY and by_content != "application/pdf" and _legacy_text(untrusted_prefix[:PREFIX])
    if not untrusted_prefix or refined or with_macros or legacy:
        return TypeVerdict(by_name, True)
    if by_name in (UNKNOWN, by_content) or by_content == UNKNOWN:
        return TypeVerdict(
            by_content, by_content != UNKNOWN or by_name not in {"application/pdf", "image/jpeg", "image/png"}
        )
    ends = untrusted_prefix[:PREFIX] + untrusted_suffix
    if by_content == "application/zip" and untrusted_suffix and _archive_only(ends, by_name):
        return TypeVerdict(by_content, False)
    if by_content == "application/zip" and not by_name.startswith(("image/", "text/", "application/pdf")):
        return TypeVerdict(by_name, True)
    return TypeVerdict(by_content, False)
