"""Metadata of PDFs: document information, XMP, authors of annotations, thumbnails, private data of editors."""

from pathlib import Path

import pikepdf
from pdf import pdf_open
from protocol import Refused

_EVERYWHERE = ("/Metadata", "/PieceInfo", "/LastModified")
_ANNOTATION = ("/T", "/M", "/CreationDate", "/NM")


def _drop(holder: pikepdf.Object, names: tuple[str, ...]) -> int:
    gone = 0
    for name in names:
        if name in holder:
            del holder[name]
            gone += 1
    return gone


def pdf_scrub(source: Path, target: Path) -> dict[str, int]:
    """Counts of information entries, metadata streams, annotation details and thumbnails that went."""
    pdf = pdf_open(source)
    report = {"information": 0, "metadata": 0, "annotations": 0, "thumbnails": 0}
    try:
        if "/Info" in pdf.trailer:
            report["information"] = len(pdf.docinfo.keys())
            del pdf.trailer["/Info"]
        for entry in pdf.objects:
            if isinstance(entry, pikepdf.Dictionary | pikepdf.Stream):
                report["metadata"] += _drop(entry, _EVERYWHERE)
                report["thumbnails"] += _drop(entry, ("/Thumb",))
        for page in pdf.pages:
            for annotation in page.obj.get("/Annots", []):
                report["annotations"] += _drop(annotation, _ANNOTATION)
        pdf.remove_unreferenced_resources()
        if "/ID" in pdf.trailer:
            del pdf.trailer["/ID"]
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError):
        raise Refused("corrupt") from None
    return report
