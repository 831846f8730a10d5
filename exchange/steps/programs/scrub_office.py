"""Metadata of OOXML and OpenDocument files: properties, authors, revision marks, thumbnails."""

import re
import zipfile
from pathlib import Path

from lxml import etree
from protocol import Refused

_ENTRIES_MOST = 10_000
_BYTES_MOST = 700 << 20
_EMPTY_OOXML = {
    "docProps/core.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties '
    b'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docProps/app.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties '
    b'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties '
    b'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
}
_EMPTY_ODF = (
    b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta '
    b'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.3"><office:meta/>'
    b"</office:document-meta>"
)
_AUTHORED = re.compile(r"(word|xl|ppt)/.*\.xml\Z")
_ATTRIBUTES = re.compile(r"(author|initials|date|userId|providerId|lastModifiedBy)\Z|rsid", re.IGNORECASE)
_ODF_ELEMENTS = {"creator", "date", "creator-initials", "initial-creator"}
_THUMBNAIL = re.compile(r"(docProps/thumbnail\..+|Thumbnails/.+)\Z")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _parse(untrusted_xml: bytes) -> etree._Element:
    root = etree.fromstring(untrusted_xml, _PARSER)
    if root.getroottree().docinfo.doctype:
        raise Refused("corrupt")
    return root


def _attributes_drop(root: etree._Element) -> int:
    gone = 0
    for element in root.iter(etree.Element):
        for name in list(element.attrib):
            local = etree.QName(name).localname
            if not _ATTRIBUTES.search(local):
                continue
            if local in {"author", "initials"}:
                gone += element.attrib[name] != ""
                element.attrib[name] = ""
            else:
                del element.attrib[name]
                gone += 1
    return gone


def _authors_blank(root: etree._Element) -> int:
    """`<author>` lists of spreadsheets and the creator elements of OpenDocument."""
    gone = 0
    for element in root.iter(etree.Element):
        if etree.QName(element).localname in _ODF_ELEMENTS | {"author"} and element.text:
            element.text = ""
            gone += 1
    return gone


def _part(name: str, untrusted: bytes, report: dict[str, int]) -> bytes:
    """One entry, scrubbed."""
    if name in _EMPTY_OOXML or name == "meta.xml":
        report["properties"] += 1
        return _EMPTY_OOXML.get(name, _EMPTY_ODF)
    if not (_AUTHORED.match(name) or name in {"content.xml", "styles.xml"}):
        return untrusted
    root = _parse(untrusted)
    gone = _attributes_drop(root) + _authors_blank(root)
    report["authors"] += gone
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True) if gone else untrusted


def _check(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > _ENTRIES_MOST or sum(entry.file_size for entry in entries) > _BYTES_MOST:
        raise Refused("corrupt")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("password_protected")
    if any(entry.filename.startswith("_xmlsignatures/") for entry in entries):
        raise Refused("signed")


def office_scrub(source: Path, target: Path) -> dict[str, int]:
    """Counts of property parts, author marks and thumbnails that went, and of macros, which stay."""
    report = {"properties": 0, "authors": 0, "thumbnails": 0, "macros_kept": 0}
    try:
        with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w") as result:
            _check(archive)
            for entry in archive.infolist():
                clean = zipfile.ZipInfo(entry.filename, date_time=(1980, 1, 1, 0, 0, 0))
                clean.compress_type = entry.compress_type
                untrusted = archive.read(entry)
                if _THUMBNAIL.match(entry.filename):
                    report["thumbnails"] += 1
                    untrusted = b""
                report["macros_kept"] += entry.filename.endswith("vbaProject.bin")
                result.writestr(clean, _part(entry.filename, untrusted, report))
    except (zipfile.BadZipFile, etree.XMLSyntaxError, RuntimeError, EOFError, KeyError, ValueError):
        raise Refused("corrupt") from None
    return report
