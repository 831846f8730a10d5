"""Metadata of OOXML and OpenDocument files: which entries go, which are cleaned, which stay."""

import lzma
import re
import zipfile
import zlib
from pathlib import Path

from lxml import etree
from protocol import Refused
from scrub_markup import markup_scrub, references_drop
from scrub_picture import picture_clean

_ENTRIES_MOST = 10_000
_BYTES_MOST = 700 << 20
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OOXML = b"http://schemas.openxmlformats.org/"
_EMPTY = {
    "docProps/core.xml": _XML + b'<cp:coreProperties xmlns:cp="' + _OOXML + b'package/2006/metadata/core-properties"/>',
    "docProps/app.xml": _XML + b'<Properties xmlns="' + _OOXML + b'officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": _XML + b'<Properties xmlns="' + _OOXML + b'officeDocument/2006/custom-properties"/>',
    "meta.xml": b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta '
    b'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.3"><office:meta/>'
    b"</office:document-meta>",
}
_THUMBNAIL = re.compile(r"docProps/thumbnail\.|Thumbnails/.")
_DROPPED = re.compile(r"customXml/|(word|xl|ppt)/printerSettings/")
_PICTURE = re.compile(r"((word|xl|ppt)/media/|Pictures/)", re.IGNORECASE)
_MARKUP = re.compile(r"(word|xl|ppt)/.*\.xml\Z|(content|styles|settings)\.xml\Z")
_REFERENCES = re.compile(r"\[Content_Types\]\.xml\Z|.*\.rels\Z|META-INF/manifest\.xml\Z")
_SIGNATURES = re.compile(r"_xmlsignatures/|META-INF/(documentsignatures|macrosignatures)\.xml\Z")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, etree.XMLSyntaxError, RuntimeError, EOFError, KeyError, ValueError,
    OverflowError,
)  # fmt: skip


def dropped(name: str) -> bool:
    """Whether an entry leaves the package as a whole."""
    return bool(_THUMBNAIL.match(name) or _DROPPED.match(name))


def _part(name: str, untrusted: bytes, report: dict[str, int]) -> bytes:
    """One entry that stays, cleaned."""
    if name in _EMPTY:
        report["properties"] += untrusted != _EMPTY[name]
        return _EMPTY[name]
    if _REFERENCES.match(name):
        return references_drop(name, untrusted, dropped)
    if _MARKUP.match(name):
        clean, gone = markup_scrub(name, untrusted)
        report["authors"] += gone
        return clean
    if _PICTURE.match(name):
        try:
            clean, gone = picture_clean(untrusted)
        except Refused:  # a drawing or a broken picture stays as it was
            return untrusted
        report["pictures"] += gone
        return clean
    return untrusted


def _check(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > _ENTRIES_MOST or sum(entry.file_size for entry in entries) > _BYTES_MOST:
        raise Refused("corrupt")
    if len(set(names)) != len(names):  # readers disagree on which of two counts
        raise Refused("corrupt")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("password_protected")
    if any(_SIGNATURES.match(name) for name in names):
        raise Refused("signed")
    if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise Refused("password_protected")


def _copy(archive: zipfile.ZipFile, result: zipfile.ZipFile, report: dict[str, int]) -> None:
    for entry in archive.infolist():
        name = entry.filename
        if _THUMBNAIL.match(name):
            report["thumbnails"] += 1
        if dropped(name):
            report["custom"] += bool(_DROPPED.match(name))
            continue
        clean = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        clean.compress_type = zipfile.ZIP_STORED if entry.compress_type == zipfile.ZIP_STORED else zipfile.ZIP_DEFLATED
        report["macros_kept"] += name.endswith("vbaProject.bin") or name == "Basic/script-lc.xml"
        result.writestr(clean, _part(name, archive.read(entry), report))


def office_scrub(source: Path, target: Path) -> dict[str, int]:
    """Counts of what went: property parts, author marks, thumbnails, custom parts, pieces of pictures; macros stay."""
    report = dict.fromkeys(("properties", "authors", "thumbnails", "custom", "pictures", "macros_kept"), 0)
    with source.open("rb") as file:
        if file.read(8) == _COMPOUND_FILE:  # how Office packs a document with a password
            raise Refused("password_protected")
    try:
        with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w") as result:
            _check(archive)
            _copy(archive, result, report)
    except _BROKEN:
        raise Refused("corrupt") from None
    return report
