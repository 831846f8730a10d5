"""The XML of an invoice, out of a file that is one or a PDF that carries one."""

import zlib
from collections.abc import Iterator
from pathlib import Path

import pikepdf
from lxml import etree
from pdf import DAMAGED
from protocol import Refused

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CII = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
# Root elements of the two syntaxes of EN 16931.
SYNTAXES = {
    f"{{{_UBL}Invoice-2}}Invoice": "ubl_invoice",
    f"{{{_UBL}CreditNote-2}}CreditNote": "ubl_credit_note",
    f"{{{_CII}}}CrossIndustryInvoice": "cii",
}
_XML_MOST = 32 << 20
_ELEMENTS_MOST = 300_000
_DEPTH_MOST = 64
_ATTACHED_MOST = 100
_BLOCK = 1 << 16
# How Factur-X, ZUGFeRD 2 and XRechnung name the attached file; ZUGFeRD 1 has another syntax.
_NAMES = ("factur-x.xml", "xrechnung.xml", "zugferd-invoice.xml")


def invoice_read(source: Path) -> etree._Element:
    """The root element of an invoice; Refused where there is none, or where it is no sound XML or PDF."""
    with source.open("rb") as file:
        start = file.read(1024)
    if not start:
        raise Refused("document_empty")
    if start.lstrip().startswith(b"%PDF-"):
        return _of_pdf(source)
    if source.stat().st_size > _XML_MOST:
        raise Refused("unsupported")
    root = _parse(source.read_bytes())
    if root.tag not in SYNTAXES:
        raise Refused("invoice_missing")
    return root


def _parse(untrusted_xml: bytes) -> etree._Element:
    """Refused for what has a document type, is nested too deep or has too many elements, as soon as that is seen."""
    parser = etree.XMLPullParser(
        ("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    depth = count = 0
    try:
        for at in range(0, len(untrusted_xml), _BLOCK):
            parser.feed(untrusted_xml[at : at + _BLOCK])
            for event, element in parser.read_events():
                if not count and element.getroottree().docinfo.internalDTD is not None:
                    raise Refused("corrupt")
                depth += 1 if event == "start" else -1
                count += event == "start"
                if depth > _DEPTH_MOST or count > _ELEMENTS_MOST:
                    raise Refused("corrupt")
        return parser.close()
    except (etree.XMLSyntaxError, LookupError, ValueError):
        raise Refused("corrupt") from None


def _of_pdf(source: Path) -> etree._Element:
    """The invoice that is attached to a PDF. It may be signed, as nothing is changed."""
    try:
        with pikepdf.open(source) as pdf:
            if pdf.is_encrypted:
                raise Refused("password_protected")
            attached = sorted(_attached(pdf), key=lambda one: one[0] not in _NAMES)
            for name, stream in attached:
                root = _parse(_content(stream)) if name.endswith(".xml") else None
                if root is not None and root.tag in SYNTAXES:
                    return root
    except pikepdf.PasswordError:
        raise Refused("password_protected") from None
    except DAMAGED:
        raise Refused("corrupt") from None
    raise Refused("invoice_missing")


def _attached(pdf: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Stream]]:
    """Names, in small letters, and streams of the files that a PDF lists, in either of the two places for them."""
    listed = pdf.Root.get("/AF")
    specs = [spec.obj for spec in pdf.attachments.values()]
    specs += list(listed) if isinstance(listed, pikepdf.Array) else []
    for spec in specs[:_ATTACHED_MOST]:
        files = spec.get("/EF") if isinstance(spec, pikepdf.Dictionary) else None
        if not isinstance(files, pikepdf.Dictionary):
            continue
        stream = files.get("/UF", files.get("/F"))
        if isinstance(stream, pikepdf.Stream):
            yield str(spec.get("/UF", spec.get("/F", ""))).lower(), stream


def _content(stream: pikepdf.Stream) -> bytes:
    """What a stream holds, unpacked no further than an invoice may have."""
    packing = stream.get("/Filter")
    names = list(packing) if isinstance(packing, pikepdf.Array) else [packing] if packing is not None else []
    raw = stream.read_raw_bytes()
    if not names:
        content = raw
    elif names == [pikepdf.Name.FlateDecode] and "/DecodeParms" not in stream:
        try:
            content = zlib.decompressobj().decompress(raw, _XML_MOST + 1)
        except zlib.error:
            raise Refused("corrupt") from None
    else:
        raise Refused("unsupported")
    if len(content) > _XML_MOST:
        raise Refused("corrupt")
    return content
