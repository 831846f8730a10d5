"""Real documents, made afresh: what tests send."""

import io
import random
from pathlib import Path

import pypdfium2
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas


def pdf(path: Path, *, pages: int = 3, text: str = "Contract") -> Path:
    """A PDF whose every page carries its number and `text`."""
    canvas = Canvas(str(path), pagesize=A4)
    for number in range(1, pages + 1):
        canvas.setFont("Helvetica", 12)
        canvas.drawString(72, 770, f"{text}, page {number} of {pages}")
        for line in range(30):
            canvas.drawString(72, 740 - 20 * line, "Every party keeps one copy of this page.")
        canvas.showPage()
    canvas.save()
    return path


def pdf_texts(content: bytes) -> list[str]:
    """Text of each page."""
    document = pypdfium2.PdfDocument(io.BytesIO(content))
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def noise(path: Path, size: int, *, seed: int = 1) -> Path:
    """A file of `size` bytes that no coding makes smaller; the same for the same seed."""
    source, left = random.Random(seed), size
    with path.open("wb") as file:
        while left:
            block = source.randbytes(min(left, 1 << 22))
            file.write(block)
            left -= len(block)
    return path
