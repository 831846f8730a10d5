"""The text of Word and OpenDocument files."""

import errno
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from extract_markup import OpenText, WordText, xml_text
from lxml import etree
from protocol import Refused

_ENTRIES_MOST = 10_000
_ENTRY_MOST = 200 << 20
_RATIO_MOST, _RATIO_FROM = 200, 10 << 20  # what is small unpacked may be anything
_BLOCK = 1 << 16
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, etree.LxmlError, RuntimeError, EOFError, KeyError, ValueError,
    OverflowError, NotImplementedError,
)  # fmt: skip


def _blocks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """An entry, read no farther than an entry may go, whatever the archive says of it."""
    entry = archive.getinfo(name)
    if entry.flag_bits & 1:
        raise Refused("password_protected")
    most = min(max(_RATIO_FROM, entry.compress_size * _RATIO_MOST), _ENTRY_MOST)
    with archive.open(entry) as file:
        while block := file.read(_BLOCK):
            most -= len(block)
            if most < 0:
                raise Refused("archive_ratio")
            yield block


def _text(source: Path, names: tuple[str, ...], words: Callable[[], WordText | OpenText]) -> str:
    """Of the first entry, which must be there, and those of the others that are."""
    with source.open("rb") as file:
        if file.read(8) == _COMPOUND_FILE:  # how Office packs a document with a password
            raise Refused("password_protected")
    try:
        with zipfile.ZipFile(source) as archive:
            there = archive.namelist()
            if len(there) > _ENTRIES_MOST:
                raise Refused("archive_entries")
            if "META-INF/manifest.xml" in there and b"encryption-data" in b"".join(
                _blocks(archive, "META-INF/manifest.xml")
            ):
                raise Refused("password_protected")
            wanted = [name for name in names if name == names[0] or name in there]
            return "\n".join(xml_text(_blocks(archive, name), words()) for name in wanted)
    except _BROKEN:
        raise Refused("corrupt") from None
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # of a place in the file that there cannot be
            raise
        raise Refused("corrupt") from None


def docx_text(source: Path) -> str:
    """Body, then footnotes and endnotes."""
    return _text(source, ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml"), WordText)


def odt_text(source: Path) -> str:
    """The body."""
    return _text(source, ("content.xml",), OpenText)
