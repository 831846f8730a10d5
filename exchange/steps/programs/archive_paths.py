"""Names of an archive's files: what they lead to, and what a document made of one is called."""

import contextlib
import re
from typing import Any

from archive_names import shortened
from protocol import Refused

_UTF8 = 0x800
_DRIVE = re.compile(r"[A-Za-z]:")
_LEFT_OUT = re.compile(r"__MACOSX/|(?:.*/)?(?:\.DS_Store|Thumbs\.db|desktop\.ini)\Z")
_BETWEEN = " – "


def entry_path(entry: Any) -> str:
    """The path of an entry, with a slash behind a folder. Refused `archive_path`, `corrupt`.

    Names without the mark of UTF-8 are code page 437 by the specification; many programs write UTF-8 all the same.
    """
    if "\0" in entry.orig_filename:
        raise Refused("archive_path")
    name = entry.orig_filename
    if not entry.flag_bits & _UTF8 and not name.isascii():
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode()
    path = name.replace("\\", "/")
    if not path.strip("/ ."):
        raise Refused("archive_path")
    if path.startswith("/") or _DRIVE.match(path) or ".." in path.split("/"):
        raise Refused("archive_path")
    return path


def left_out(path: str) -> bool:
    """Whether a file is of those that systems hide in archives and nobody meant to send."""
    return bool(_LEFT_OUT.match(path))


def document_name(path: str, *, folders: bool) -> str:
    """What a document has for a path: documents have no folders, so they stand before its name."""
    parts = [_clean(part) for part in path.split("/") if part not in {"", "."}]
    name = next((part for part in reversed(parts) if part), "document")
    before = _BETWEEN.join(part for part in parts[:-1] if part) if folders else ""
    if not before:
        return shortened(name)
    name = shortened(name, 200)
    return shortened(f"{before[: 255 - len(_BETWEEN) - len(name)]}{_BETWEEN}{name}")


def _clean(part: str) -> str:
    return "".join(sign for sign in part if sign.isprintable()).strip(" .")
