"""Write a text on every page of a PDF."""

import io
import math
from pathlib import Path
from typing import Any

import pikepdf
from pdf import pdf_open
from protocol import Control, Refused, run
from reportlab.pdfgen.canvas import Canvas

_FONT = "Helvetica-Bold"
_GREY = 0.35
_MARGIN = 18.0


def _size(page: pikepdf.Page) -> tuple[float, float]:
    """Width and height in points as a reader shows the page."""
    left, bottom, right, top = (float(edge) for edge in page.cropbox)
    width, height = abs(right - left), abs(top - bottom)
    turned = int(page.obj.get("/Rotate", 0)) % 180 == 90
    return (height, width) if turned else (width, height)


def _overlay(width: float, height: float, arguments: dict[str, Any]) -> pikepdf.Pdf:
    """One page of that size with the stamp alone."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(width, height))
    text, position = arguments["text"], arguments["position"]
    diagonal = position == "diagonal"
    room = (math.hypot(width, height) * 0.8) if diagonal else width - 2 * _MARGIN
    size = min(72.0 if diagonal else 11.0, room / max(canvas.stringWidth(text, _FONT, 1), 0.01))
    canvas.setFont(_FONT, max(size, 2.0))
    canvas.setFillGray(_GREY, alpha=arguments["opacity"])
    if diagonal:
        canvas.translate(width / 2, height / 2)
        canvas.rotate(math.degrees(math.atan2(height, width)))
        canvas.drawCentredString(0, -size / 3, text)
    else:
        canvas.drawCentredString(width / 2, _MARGIN if position == "bottom" else height - _MARGIN - size, text)
    canvas.save()
    buffer.seek(0)
    return pikepdf.open(buffer)


def stamp(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Stamp every page; counts the pages."""
    pdf = pdf_open(source)
    overlays: dict[tuple[float, float], pikepdf.Pdf] = {}
    total = len(pdf.pages)
    try:
        for number, page in enumerate(pdf.pages, 1):
            size = _size(page)
            if size not in overlays:
                overlays[size] = _overlay(*size, arguments)
            page.add_overlay(overlays[size].pages[0], pikepdf.Rectangle(page.cropbox))
            control.progress(number, total)
        pdf.save(target)
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError):
        raise Refused("corrupt") from None
    return {"pages": total}


if __name__ == "__main__":
    run(stamp)
