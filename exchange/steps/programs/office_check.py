"""What a document of an office is by its bytes, before LibreOffice sees it: of its type, and no bomb."""

import codecs
import errno
import lzma
import re
import zipfile
import zlib
from pathlib import Path

from office_table import table_write, text_decoded
from protocol import Refused

_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_ENTRIES_MOST = 10_000
_ENTRY_MOST = 4 << 20  # of the two entries that are read here
_BYTES_MOST = 1 << 30
_RATIO_MOST, _RATIO_FROM = 100, 64 << 20  # small packages may shrink as they like
_SAMPLE = 1 << 16
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError, KeyError, ValueError, OverflowError,
)  # fmt: skip

# How a package names what it is: OOXML in its content types, OpenDocument in its media type.
_PACKAGES = {
    "docx": rb"wordprocessingml|ms-word",
    "xlsx": rb"spreadsheetml|ms-excel",
    "pptx": rb"presentationml|ms-powerpoint",
    "odt": rb"opendocument\.text",
    "ods": rb"opendocument\.spreadsheet",
    "odp": rb"opendocument\.presentation",
}


def office_check(source: Path, kind: str) -> Path:
    """Refuse what is not of its kind; the file that LibreOffice is to read.

    Plain text and tables are written anew, because LibreOffice would guess their encoding and run their formulas.
    """
    start = _start(source)
    if not start:
        raise Refused("document_empty")
    if kind in _PACKAGES:
        _package_check(source, kind, start)
    elif kind in {"doc", "xls", "ppt"}:
        _require(start.startswith(_COMPOUND_FILE))
    elif kind == "rtf":
        _require(start.startswith(b"{\\rt"))
    elif kind == "html":
        _require(b"\0" not in start or start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)))
    elif kind == "csv":
        table = source.with_suffix(".fods")
        table_write(source.read_bytes(), table)
        return table
    else:
        source.write_bytes(codecs.BOM_UTF8 + text_decoded(source.read_bytes()).encode())
    return source


def _require(right: bool) -> None:
    if not right:
        raise Refused("corrupt")


def _start(source: Path) -> bytes:
    with source.open("rb") as file:
        return file.read(_SAMPLE)


def _package_check(source: Path, kind: str, start: bytes) -> None:
    if start.startswith(_COMPOUND_FILE):
        raise Refused("password_protected" if _ENCRYPTED_PACKAGE in source.read_bytes() else "corrupt")
    try:
        with zipfile.ZipFile(source) as package:
            _bomb_check(package.infolist())
            named = _entry(package, "mimetype" if kind.startswith("od") else "[Content_Types].xml")
            _require(bool(re.search(_PACKAGES[kind], named)))
            if kind.startswith("od") and b"encryption-data" in _entry(package, "META-INF/manifest.xml"):
                raise Refused("password_protected")
    except _BROKEN:
        raise Refused("corrupt") from None
    except OSError as error:
        if error.errno != errno.EINVAL:  # a place before the file's beginning
            raise
        raise Refused("corrupt") from None


def _bomb_check(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _ENTRIES_MOST:
        raise Refused("archive_entries")
    whole, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if whole > _BYTES_MOST or (whole > _RATIO_FROM and whole > _RATIO_MOST * packed):
        raise Refused("archive_ratio")


def _entry(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as entry:
        return entry.read(_ENTRY_MOST)
