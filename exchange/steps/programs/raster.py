"""Pages of a PDF as pixels."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium_c
from PIL import Image
from protocol import Refused

PAGES_MOST = 2000
PIXELS_MOST = 100_000_000  # a page of A0 at 300 dots an inch has 140 million, at 200 dots 62
SIDE_MOST = 30_000
_POINTS = 72
_DYNAMIC_FORM = pdfium_c.FORMTYPE_XFA_FULL


@contextmanager
def pdfium_open(source: Path) -> Iterator[pypdfium2.PdfDocument]:
    """The document; Refused for a protected, damaged, dynamic or endless one, and for damage found meanwhile."""
    try:
        with pypdfium2.PdfDocument(source) as document:
            if document.get_formtype() == _DYNAMIC_FORM:
                raise Refused("dynamic_form")
            document.init_forms()  # or filled fields are not drawn
            if len(document) > PAGES_MOST:
                raise Refused("too_many_pages")
            if not len(document):
                raise Refused("corrupt")
            yield document
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == pdfium_c.FPDF_ERR_PASSWORD
        raise Refused("password_protected" if locked else "corrupt") from None


def pixels_check(width: float, height: float) -> None:
    """Refused where a picture of that size in pixels is none, or more than a step may hold."""
    if not (width >= 1 and height >= 1):  # nor where it is no number
        raise Refused("corrupt")
    if max(width, height) > SIDE_MOST or width * height > PIXELS_MOST:
        raise Refused("picture_too_large")


def page_render(page: pypdfium2.PdfPage, *, dpi: float) -> tuple[Image.Image, pypdfium2.PdfPosConv]:
    """The page in RGB as a reader shows it, and the translator of its points to pixels. Refused before it is drawn."""
    scale = dpi / _POINTS
    sides = (min(side * scale, SIDE_MOST + 1) for side in page.get_size())
    pixels_check(*(max(1, math.ceil(side)) if side > 0 else side for side in sides))
    bitmap = page.render(scale=scale, rev_byteorder=True)
    return bitmap.to_pil().convert("RGB"), bitmap.get_posconv(page)
