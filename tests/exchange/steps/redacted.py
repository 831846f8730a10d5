"""PDFs to be redacted, and whether something is really gone from one."""

import io
import re

import pikepdf
import pypdfium2
from pikepdf import Name
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from tests.documents import pdf_texts

SECRET = "Quastenflosser"


def written(*pages: str, size=(595, 842)) -> bytes:
    """A PDF of these texts, a line for each line of a text."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size)
    for page in pages:
        for number, line in enumerate(page.split("\n")):
            canvas.drawString(40, size[1] - 60 - 16 * number, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def changed(content: bytes, change, **saved) -> bytes:
    """A PDF after `change(document)`."""
    with pikepdf.open(io.BytesIO(content)) as document:
        change(document)
        out = io.BytesIO()
        document.save(out, **saved)
    return out.getvalue()


def picture(content: bytes, page: int = 0, scale: float = 1.0) -> Image.Image:
    return pypdfium2.PdfDocument(content)[page].render(scale=scale).to_pil().convert("L")


def held(content: bytes) -> str:
    """All that a PDF says to whoever looks: its text, its bytes, its strings and its streams, unpacked; no spaces."""
    found = [content.decode("latin-1"), *pdf_texts(content)]
    with pikepdf.open(io.BytesIO(content)) as document:
        for entry in document.objects:
            found.append(repr(entry))
            if isinstance(entry, pikepdf.Stream):
                found.append(entry.read_raw_bytes().decode("latin-1"))
                if entry.get("/Subtype") != Name.Image:
                    found.append(entry.read_bytes().decode("latin-1"))
    return re.sub(r"\s", "", "\n".join(found))


def gone(content: bytes, *words: str) -> bool:
    said = held(content).lower()
    coded = {form for word in words for form in (word, word.encode().hex(), word.encode("utf-16-be").hex())}
    return not any(re.sub(r"\s", "", form).lower() in said for form in coded)
