"""Recognise the text of scanned pages."""

import logging
import zlib
from pathlib import Path
from typing import Any

import ocrmypdf
import pikepdf
from ocr_progress import Progress
from ocrmypdf.exceptions import (
    DigitalSignatureError,
    EncryptedPdfError,
    InputFileError,
    SubprocessOutputError,
)
from pdf import pdf_open
from PIL import Image, UnidentifiedImageError
from protocol import Control, Refused, run

_JOBS = 2
_PAGE_SECONDS = 120
_PIXELS_MOST = 100_000_000
_DPI = 300  # at which a page without pictures is drawn
_POINTS_MOST = _PIXELS_MOST * 72 * 72 / _DPI**2


def _size_check(pdf: pikepdf.Pdf) -> None:
    """Refuse pages and pictures that would be drawn with too many pixels."""
    for page in pdf.pages:
        left, bottom, right, top = (float(edge) for edge in page.mediabox)
        if abs((right - left) * (top - bottom)) * float(page.obj.get("/UserUnit", 1)) ** 2 > _POINTS_MOST:
            raise Refused("picture_too_large")
    for thing in pdf.objects:
        picture = isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image"
        if picture and int(thing.get("/Width", 0)) * int(thing.get("/Height", 0)) > _PIXELS_MOST:
            raise Refused("picture_too_large")


def _pages_check(source: Path) -> int:
    """The number of pages, where they can be recognised."""
    with pdf_open(source) as pdf:
        try:
            if pdf.Root.get("/NeedsRendering", False):
                raise Refused("dynamic_form")
            _size_check(pdf)
            return len(pdf.pages)
        except (pikepdf.PdfError, ValueError, TypeError, RuntimeError, OverflowError):
            raise Refused("corrupt") from None


def ocr(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Put an invisible layer of text under what is seen; counts the pages."""
    pages = _pages_check(source)
    named = source.rename(source.with_suffix(".pdf"))
    Progress.control = control
    logging.disable()
    try:
        ocrmypdf.ocr(
            named, target, language=arguments["languages"], mode=arguments["mode"],
            output_type="pdf", pdf_renderer="fpdf2", rasterizer="pypdfium", optimize=0, jobs=_JOBS, use_threads=True,
            max_image_mpixels=_PIXELS_MOST / 1e6, tesseract_timeout=_PAGE_SECONDS, plugins=["ocr_progress"],
        )  # fmt: skip
    except EncryptedPdfError:  # 8
        raise Refused("password_protected") from None
    except DigitalSignatureError:
        raise Refused("signed") from None
    except Image.DecompressionBombError:
        raise Refused("picture_too_large") from None
    except (InputFileError, SubprocessOutputError, pikepdf.PdfError, UnidentifiedImageError, zlib.error):  # 2, 7
        raise Refused("corrupt") from None
    return {"pages": pages}


if __name__ == "__main__":
    run(ocr)
