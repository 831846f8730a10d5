"""Metadata of PDFs: document information, XMP, authors of annotations, thumbnails, editors' private data, Exif."""

from collections.abc import Iterator
from pathlib import Path

import pikepdf
from pdf import pdf_open
from protocol import Refused
from scrub_jpeg import jpeg_scrub

_EVERYWHERE = ("/Metadata", "/PieceInfo", "/LastModified")
_ANNOTATION = ("/T", "/M", "/CreationDate", "/NM")
_FIELD = ("/M", "/NM")  # a form field's /T is its name
_ATTACHMENT = ("/CreationDate", "/ModDate", "/Mac")
_NESTED_MOST = 32


def _drop(holder: pikepdf.Object, names: tuple[str, ...]) -> int:
    gone = 0
    for name in names:
        if name in holder:
            del holder[name]
            gone += 1
    return gone


def _holders(entry: pikepdf.Object, depth: int = 0) -> Iterator[pikepdf.Object]:
    """An object and every dictionary written inside it; what it refers to comes by itself."""
    if depth > _NESTED_MOST:
        raise Refused("corrupt")
    if isinstance(entry, pikepdf.Dictionary | pikepdf.Stream):
        yield entry
        inner = [entry[name] for name in entry.keys()]  # noqa: SIM118
    elif isinstance(entry, pikepdf.Array):
        inner = list(entry)
    else:
        return
    for value in inner:
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            yield from _holders(value, depth + 1)


def jpeg_stream_clean(entry: pikepdf.Object) -> int:
    """A photograph keeps its own Exif inside a PDF."""
    if not isinstance(entry, pikepdf.Stream) or entry.get("/Filter") != pikepdf.Name.DCTDecode:
        return 0
    try:
        clean, gone = jpeg_scrub(entry.read_raw_bytes())
    except Refused:  # a viewer may still show it; it stays as it was
        return 0
    if gone:
        entry.write(clean, filter=pikepdf.Name.DCTDecode, decode_parms=entry.get("/DecodeParms"))
    return gone


def _entry(holder: pikepdf.Object, report: dict[str, int]) -> None:
    report["metadata"] += _drop(holder, _EVERYWHERE)
    report["thumbnails"] += _drop(holder, ("/Thumb",))
    report["pictures"] += jpeg_stream_clean(holder)
    if holder.get("/Type") == pikepdf.Name.EmbeddedFile:
        report["attachments_kept"] += 1
        if isinstance(holder.get("/Params"), pikepdf.Dictionary):
            report["metadata"] += _drop(holder["/Params"], _ATTACHMENT)


def _annotations(page: pikepdf.Page) -> int:
    gone = 0
    for annotation in page.obj.get("/Annots", []):
        if isinstance(annotation, pikepdf.Dictionary):
            gone += _drop(annotation, _FIELD if annotation.get("/Subtype") == "/Widget" else _ANNOTATION)
    return gone


def pdf_scrub(source: Path, target: Path) -> dict[str, int]:
    """Counts of information entries, metadata, annotation details, thumbnails and picture segments that went.

    Attached files are counted and stay as they are.
    """
    pdf = pdf_open(source)
    report = dict.fromkeys(("information", "metadata", "annotations", "thumbnails", "pictures", "attachments_kept"), 0)
    try:
        if "/Info" in pdf.trailer:
            report["information"] = len(pdf.docinfo.keys())
            del pdf.trailer["/Info"]
        for indirect in pdf.objects:
            for holder in _holders(indirect):
                _entry(holder, report)
        for page in pdf.pages:
            report["annotations"] += _annotations(page)
        pdf.remove_unreferenced_resources()
        if "/ID" in pdf.trailer:
            del pdf.trailer["/ID"]
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError):
        raise Refused("corrupt") from None
    return report
