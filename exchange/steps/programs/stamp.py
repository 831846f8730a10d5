"""Write a text on every page of a PDF."""

import io
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import fontpkg_noto_sans
import pikepdf
from pdf import DAMAGED, pdf_open
from protocol import Control, Refused, run
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

_FONT = "Noto Sans"
_FILE = Path(fontpkg_noto_sans.ROOT) / "files" / "NotoSans[wdth,wght].ttf"
_MARGIN = 18.0
_LARGE, _SMALL, _LEAST = 72.0, 11.0, 2.0
_Size = tuple[float, float]


def _size(page: pikepdf.Page) -> _Size:
    """Width and height in points as a reader shows the page."""
    left, bottom, right, top = (float(edge) for edge in page.cropbox)
    width, height = abs(right - left), abs(top - bottom)
    turned = int(page.obj.get("/Rotate", 0)) % 180 == 90
    return (height, width) if turned else (width, height)


def _write(canvas: Canvas, size: _Size, arguments: dict[str, Any]) -> None:
    """The stamp alone, on a page of that size."""
    (width, height), text, position = size, arguments["text"], arguments["position"]
    diagonal = position == "diagonal"
    room = math.hypot(width, height) * 0.8 if diagonal else width - 2 * _MARGIN
    fitting = min(_LARGE if diagonal else _SMALL, room / max(canvas.stringWidth(text, _FONT, 1), 0.01))
    points = max(fitting, _LEAST)
    canvas.setPageSize(size)
    canvas.setFont(_FONT, points)
    canvas.setFillColorRGB(*arguments["colour"], alpha=arguments["opacity"])
    if diagonal:
        canvas.translate(width / 2, height / 2)
        canvas.rotate(math.degrees(math.atan2(height, width)))
        canvas.drawCentredString(0, -points / 3, text)
        return
    line = _MARGIN if position.startswith("bottom") else height - _MARGIN - points
    if position.endswith("left"):
        canvas.drawString(_MARGIN, line, text)
    elif position.endswith("right"):
        canvas.drawRightString(width - _MARGIN, line, text)
    else:
        canvas.drawCentredString(width / 2, line, text)


def _overlays(sizes: Iterable[_Size], arguments: dict[str, Any]) -> pikepdf.Pdf:
    """A page with the stamp for each size, all of one document so that the font is embedded once."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for size in sizes:
        _write(canvas, size, arguments)
        canvas.showPage()
    canvas.save()
    buffer.seek(0)
    return pikepdf.open(buffer)


def stamp(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Stamp every page; counts the pages."""
    pdf = pdf_open(source)
    total = len(pdf.pages)
    registerFont(TTFont(_FONT, _FILE))
    try:
        sizes = [_size(page) for page in pdf.pages]
        places = {size: place for place, size in enumerate(dict.fromkeys(sizes))}
        overlays = _overlays(places, arguments)
        for number, (page, size) in enumerate(zip(pdf.pages, sizes, strict=True), 1):
            page.add_overlay(overlays.pages[places[size]], pikepdf.Rectangle(page.cropbox))
            control.progress(number, total)
        pdf.save(target)
    except DAMAGED:
        raise Refused("corrupt") from None
    return {"pages": total}


if __name__ == "__main__":
    run(stamp)
