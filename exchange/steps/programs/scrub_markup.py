"""Who wrote what, inside the XML parts of Office documents. What a reader sees stays: dates typed or computed too."""

import posixpath
import re
from collections.abc import Callable
from urllib.parse import unquote

from lxml import etree
from protocol import Refused

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
_DC = "http://purl.org/dc/elements/1.1/"
_META = "urn:oasis:names:tc:opendocument:xmlns:meta:1.0"
_CONFIG = "urn:oasis:names:tc:opendocument:xmlns:config:1.0"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OOXML = ("word/", "xl/", "ppt/")

# Attributes to empty, because a schema or another part wants them there, and attributes to remove.
_BLANKED = {"author", "initials", "userName", "displayName", "refreshedBy"}
_REMOVED = {"date", "dateUtc", "dT", "dt", "created", "userId", "providerId", "lastModifiedBy", "lastUser"}
_RSID = re.compile(r"rsid(R|RPr|RDefault|P|Tr|Del|Root|Sect)?\Z")
_PEOPLE = re.compile(r"ppt/(commentAuthors|authors)\.xml\Z")
_DATED_ELEMENTS = {
    "ins", "del", "moveFrom", "moveTo", "moveFromRangeStart", "moveToRangeStart", "comment", "cellIns", "cellDel",
    "cellMerge", "rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tblGridChange", "tblPrExChange",
    "tcPrChange", "trPrChange", "numberingChange", "customXmlInsRangeStart", "customXmlDelRangeStart",
    "customXmlMoveFromRangeStart", "customXmlMoveToRangeStart", "cm", "reply", "threadedComment", "commentExtensible",
    "presenceInfo", "person", "header", "userInfo", "conflictIns", "conflictDel",
}  # fmt: skip
_ELEMENTS_BLANKED = {
    f"{{{_DC}}}creator",
    f"{{{_DC}}}date",
    f"{{{_META}}}creator-initials",
    f"{{{_META}}}initial-creator",
}
_ELEMENTS_REMOVED = {f"{{{_W}}}rsids", f"{{{_W}}}attachedTemplate"}
_SETTINGS_BLANKED = {"PrinterName", "PrinterSetup", "Rsid", "RsidRoot", "CurrentDatabaseDataSource"}
_PATHS = re.compile(r"\{http://schemas\.microsoft\.com/office/spreadsheetml/20\d\d/\d\d/ac\}absPath\Z")


def _parse(untrusted_xml: bytes) -> etree._Element:
    root = etree.fromstring(untrusted_xml, _PARSER)
    if root.getroottree().docinfo.doctype:
        raise Refused("corrupt")
    return root


def _text(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _attributes(part: str, element: etree._Element) -> int:
    gone, dated = 0, etree.QName(element).localname in _DATED_ELEMENTS
    for name in list(element.attrib):
        local = etree.QName(name).localname
        if local in _BLANKED or (local == "name" and _PEOPLE.match(part)):
            gone += element.attrib[name] != ""
            element.attrib[name] = ""
        elif (dated and local in _REMOVED) or _RSID.match(local):
            del element.attrib[name]
            gone += 1
    return gone


def _element(part: str, element: etree._Element) -> int:
    """Empty or remove what an element says of its writer."""
    tag = str(element.tag)
    authors = part.startswith("xl/comments") and etree.QName(element).localname == "author"
    printer = tag == f"{{{_CONFIG}}}config-item" and element.get(f"{{{_CONFIG}}}name") in _SETTINGS_BLANKED
    if (tag in _ELEMENTS_BLANKED or authors or printer) and element.text:
        element.text = ""
        return 1
    if _PATHS.match(tag):
        element.attrib["url"] = ""
        return 1
    if tag in _ELEMENTS_REMOVED and (parent := element.getparent()) is not None:
        parent.remove(element)
        return 1
    return 0


def markup_scrub(part: str, untrusted_xml: bytes) -> tuple[bytes, int]:
    """A part without authors, initials, moments of change, revision ids, printers and paths; and how many went."""
    root = _parse(untrusted_xml)
    gone = 0
    for element in list(root.iter(etree.Element)):
        if part.startswith(_OOXML):
            gone += _attributes(part, element)
        gone += _element(part, element)
    return (_text(root), gone) if gone else (untrusted_xml, 0)


def references_drop(part: str, untrusted_xml: bytes, dropped: Callable[[str], bool]) -> bytes:
    """A list of parts or relationships without those that name a dropped entry, or a template on the writer's disk."""
    root = _parse(untrusted_xml)
    folder = posixpath.dirname(posixpath.dirname(part)) if part.endswith(".rels") else ""
    gone = []
    for element in root.iter(etree.Element):
        named = [element.get(name) for name in ("PartName", "Target")] + [
            value for name, value in element.attrib.items() if etree.QName(name).localname == "full-path"
        ]
        template = str(element.get("Type", "")).endswith("/attachedTemplate")
        if template or any(name and dropped(_resolved(folder, name)) for name in named):
            gone.append(element)
    for element in gone:
        if (parent := element.getparent()) is not None:
            parent.remove(element)
    return _text(root) if gone else untrusted_xml


def _resolved(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, unquote(target))).lstrip("/")
