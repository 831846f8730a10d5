"""Sheets of XLSX and ODS workbooks, by calamine, which keeps a whole sheet in memory."""

import codecs
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from protocol import Control, Refused
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError
from table_values import Cell

_ENTRIES_MOST = 10_000
_BYTES_MOST = 1 << 30
_RATIO_MOST, _RATIO_FREE = 100, 32 << 20
_BLOCK = 1 << 18
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MANIFEST_MOST = 8 << 20
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def workbook_rows(
    source: Path, *, kind: str, sheet: str, cells_most: int, control: Control
) -> Iterator[tuple[int, list[Cell]]]:
    """Rows of one sheet with their numbers, from 1, from its first column on.

    Refused `corrupt`, `password_protected`, `archive_ratio`, `sheet_missing`, `document_empty`, `too_many_rows`,
    `unsupported` for the formats of before 2007.
    """
    _package_check(source)
    # A sheet with a cell in its last corner is more than fits in memory, and calamine then ends the whole process.
    with control.foretold("too_many_rows"):
        found = _sheet(source, kind, sheet, control)
    if found.start is None or found.end is None:
        return
    if (found.end[0] + 1) * (found.end[1] + 1) > cells_most:
        raise Refused("too_many_rows")
    margin: list[Cell] = [""] * found.start[
        1
    ]  # rows begin with the sheet's first one, but with its first filled column
    for number, row in enumerate(found.iter_rows(), 1):
        if any(cell != "" for cell in row):
            yield number, margin + row


def _package_check(source: Path) -> None:
    with source.open("rb") as file:
        if (
            file.read(8) == _COMPOUND_FILE
        ):  # how Office packs a document with a password, and its formats of before 2007
            raise Refused("password_protected" if _ENCRYPTED in file.read() else "unsupported")
    try:
        with zipfile.ZipFile(source) as package:
            entries = package.infolist()
            size = sum(entry.file_size for entry in entries)
            if len(entries) > _ENTRIES_MOST or size > _BYTES_MOST:
                raise Refused("too_many_rows")
            if size > max(_RATIO_FREE, _RATIO_MOST * source.stat().st_size):
                raise Refused("archive_ratio")
            if any(entry.flag_bits & 1 for entry in entries) or _protected(package):
                raise Refused("password_protected")
            for entry in entries:
                _markup_check(package, entry)
    except NotImplementedError:
        raise Refused("unsupported") from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        EOFError,
        ValueError,
        OverflowError,
        struct.error,
        lzma.LZMAError,
        LookupError,  # no such member, or no such encoding
        OSError,
        expat.ExpatError,
    ):
        raise Refused("corrupt") from None


def _markup_check(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Well-formed XML without a document type, or no XML: on some that is broken calamine never ends."""
    with package.open(entry) as content:
        block = content.read(_BLOCK)
        if not block.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", *_UTF16)):
            return
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _no_doctype
        while block:
            parser.Parse(block)
            block = content.read(_BLOCK)
        parser.Parse(b"", True)


def _no_doctype(*declared: Any) -> None:
    raise Refused("corrupt")


def _protected(package: zipfile.ZipFile) -> bool:
    """Whether the manifest of an ODS says that its parts are encrypted."""
    if "META-INF/manifest.xml" not in package.namelist():
        return False
    with package.open("META-INF/manifest.xml") as manifest:
        return b"encryption-data" in manifest.read(_MANIFEST_MOST)


def _sheet(source: Path, kind: str, wanted: str, control: Control) -> CalamineSheet:
    named = source.with_suffix(f".{kind}")  # the reader is chosen by the ending, not by what the content claims
    source.rename(named)
    try:
        workbook = CalamineWorkbook.from_path(named)
        names = workbook.sheet_names
        if not names:
            raise Refused("document_empty")
        name = _name(names, wanted)
        if not wanted and len(names) > 1:
            said = f"Only the first sheet “{name}” was read; the workbook has {len(names)}."
            control.finding("sheets_left_out", text=said)
        return workbook.get_sheet_by_name(name)
    except PasswordError:
        raise Refused("password_protected") from None
    except (CalamineError, OSError, ValueError, TypeError):  # every other error of calamine is a CalamineError
        raise Refused("corrupt") from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of Rust; it stands beside Exception and has no other name
            raise Refused("corrupt") from None
        raise


def _name(names: list[str], wanted: str) -> str:
    """A sheet by its name, or by its number from 1 where none is called so. Refused `sheet_missing`."""
    if not wanted or wanted in names:
        return wanted or names[0]
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    raise Refused("sheet_missing")
