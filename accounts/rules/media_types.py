"""Media types as rules name them: `a/b` or `a/*`, lower case, one name for what several programs call differently."""

from collections.abc import Iterable

_PROGRAM, _RAR = "application/vnd.microsoft.portable-executable", "application/vnd.rar"
_ALIASES = {
    "application/x-zip-compressed": "application/zip",
    "application/x-zip": "application/zip",
    "application/x-gzip": "application/gzip",
    "application/x-rar": _RAR,
    "application/x-rar-compressed": _RAR,
    "application/x-7z": "application/x-7z-compressed",
    "application/x-bzip": "application/x-bzip2",
    "application/x-msdownload": _PROGRAM,
    "application/x-msdos-program": _PROGRAM,
    "application/x-dosexec": _PROGRAM,
    "application/x-ms-dos-executable": _PROGRAM,
    "application/javascript": "text/javascript",
    "application/x-javascript": "text/javascript",
    "application/x-sh": "text/x-sh",
    "application/x-shellscript": "text/x-sh",
    "application/x-pdf": "application/pdf",
    "text/xml": "application/xml",
    "text/rtf": "application/rtf",
    "image/jpg": "image/jpeg",
}


def media_type_canonical(media_type: str) -> str:
    """The one name of a media type, without parameters."""
    plain = media_type.partition(";")[0].strip().lower()
    return _ALIASES.get(plain, plain)


def _among(media_type: str, types: Iterable[str]) -> bool:
    canonical = {media_type_canonical(one) for one in types}
    return media_type in canonical or f"{media_type.partition('/')[0]}/*" in canonical


def type_admitted(media_type: str, *, allowed: Iterable[str], refused: Iterable[str]) -> bool:
    """Whether a media type is let through: refused ones never, and where some are allowed, only those."""
    media_type, allowed = media_type_canonical(media_type), tuple(allowed)
    return not _among(media_type, refused) and (not allowed or _among(media_type, allowed))


def types_common(some: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """What both lists let through: of each pair that overlaps the narrower one."""
    narrower: dict[str, None] = {}
    for one in map(media_type_canonical, some):
        for other in map(media_type_canonical, others):
            if one == other or other == f"{one.partition('/')[0]}/*":
                narrower[one] = None
            elif one == f"{other.partition('/')[0]}/*":
                narrower[other] = None
    return tuple(narrower)
