"""Kinds of documents in words, as people pick them: each stands for the media types that programs give such files."""

import mimetypes
from dataclasses import dataclass

from accounts.rules import media_type_canonical

_OOXML, _ODF = "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."
PROGRAM, EXECUTABLE = "application/vnd.microsoft.portable-executable", "application/x-executable"


@dataclass(frozen=True, slots=True)
class Kind:
    """`endings` are those that no table of media types knows, with the type that stands for them."""

    key: str
    words: str
    types: tuple[str, ...]
    endings: tuple[tuple[str, str], ...] = ()


KINDS = (
    Kind("pdf", "PDF documents", ("application/pdf",)),
    Kind(
        "word",
        "Word and other text documents",
        ("application/msword", f"{_OOXML}wordprocessingml.document", f"{_ODF}text", "application/rtf"),
    ),
    Kind(
        "sheets",
        "Excel and other spreadsheets",
        (
            "application/vnd.ms-excel",
            f"{_OOXML}spreadsheetml.sheet",
            f"{_ODF}spreadsheet",
            "text/csv",
            "text/tab-separated-values",
        ),
    ),
    Kind(
        "slides",
        "Presentations",
        ("application/vnd.ms-powerpoint", f"{_OOXML}presentationml.presentation", f"{_ODF}presentation"),
    ),
    Kind(
        "macros",
        "Office documents with macros",
        (
            "application/vnd.ms-word.document.macroenabled.12",
            "application/vnd.ms-excel.sheet.macroenabled.12",
            "application/vnd.ms-powerpoint.presentation.macroenabled.12",
        ),
        (
            (".docm", "application/vnd.ms-word.document.macroenabled.12"),
            (".xlsm", "application/vnd.ms-excel.sheet.macroenabled.12"),
            (".pptm", "application/vnd.ms-powerpoint.presentation.macroenabled.12"),
        ),
    ),
    Kind(
        "text",
        "Plain text",
        ("text/plain", "text/markdown", "application/x-ndjson"),
        ((".jsonl", "application/x-ndjson"), (".ndjson", "application/x-ndjson")),
    ),
    Kind("images", "Images", ("image/*",), ((".heic", "image/heic"),)),
    Kind("audio", "Sound", ("audio/*",)),
    Kind("video", "Video", ("video/*",)),
    Kind(
        "mail", "E-mails", ("message/rfc822", "application/vnd.ms-outlook"), ((".msg", "application/vnd.ms-outlook"),)
    ),
    Kind("web", "Web pages and XML", ("text/html", "application/xhtml+xml", "application/xml")),
    Kind(
        "archives",
        "Archives",
        (
            "application/zip",
            "application/x-7z-compressed",
            "application/vnd.rar",
            "application/x-tar",
            "application/gzip",
            "application/x-bzip2",
            "application/x-xz",
            "application/zstd",
            "application/x-iso9660-image",
            "application/vnd.ms-cab-compressed",
        ),
        ((".zst", "application/zstd"), (".iso", "application/x-iso9660-image")),
    ),
    Kind(
        "programs",
        "Programs and scripts",
        (
            PROGRAM,
            EXECUTABLE,
            "application/x-msi",
            "application/java-archive",
            "application/java",
            "application/vnd.android.package-archive",
            "application/vnd.debian.binary-package",
            "application/x-rpm",
            "application/x-mach-binary",
            "text/javascript",
            "text/x-sh",
            "text/x-python",
            "text/x-script",
        ),
        (
            *((ending, PROGRAM) for ending in (".exe", ".dll", ".com", ".scr", ".cpl")),
            *((ending, "text/x-script") for ending in (".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".wsf", ".hta", ".lnk")),
            *((ending, "text/javascript") for ending in (".js", ".jse", ".mjs")),
            (".msi", "application/x-msi"),
            (".sh", "text/x-sh"),
            (".jar", "application/java-archive"),
            (".apk", "application/vnd.android.package-archive"),
        ),
    ),
)
_ENDINGS = {ending: media_type for kind in KINDS for ending, media_type in kind.endings}
_CODINGS = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}


def type_by_name(name: str) -> str | None:
    """The media type that a file's name announces; None where it announces none."""
    name = name.strip().lower()
    ending = f".{name.rpartition('.')[2]}" if "." in name else ""
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    media_type, coding = mimetypes.guess_type(f"x{ending}" if ending else name, strict=False)
    found = _CODINGS.get(coding, "application/gzip") if coding else media_type
    return media_type_canonical(found) if found else None


def kind_words(media_type: str) -> str:
    """What people call documents of a media type; the type itself where they have no word for it."""
    family = f"{media_type.partition('/')[0]}/*"
    return next((kind.words for kind in KINDS if media_type in kind.types or family in kind.types), media_type)


def endings_of(types: tuple[str, ...]) -> list[str]:
    """Endings of names that announce one of these types, for who must judge by them before anything is sent."""
    families = tuple(one[:-1] for one in types if one.endswith("/*"))
    named = {media_type_canonical(one) for one in types}
    known = {ending: media_type_canonical(found) for ending, found in mimetypes.types_map.items()} | _ENDINGS
    codings = {ending: _CODINGS.get(coding, "application/gzip") for ending, coding in mimetypes.encodings_map.items()}
    return sorted(
        ending
        for ending, found in (known | codings).items()
        if found in named or (families and found.startswith(families))
    )
