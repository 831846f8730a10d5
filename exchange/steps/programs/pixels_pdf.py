"""Build a PDF of the pixels that exchange/steps/pixels.py let through."""

import io
import shutil
import struct
import sys
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image
from pixel_pages import layout, page_encode, pages_write
from protocol import WORK, Control, answer
from tesseract import text_layer


def _exactly(size: int) -> bytes:
    content = sys.stdin.buffer.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _text_add(made: Path, layers: list[bytes]) -> None:
    with pikepdf.open(made, allow_overwriting_input=True) as pdf:
        for page, layer in zip(pdf.pages, layers, strict=True):
            with pikepdf.open(io.BytesIO(layer)) as text:
                page.add_overlay(text.pages[0], pikepdf.Rectangle(page.mediabox))
        pdf.save(made)


def pixels_pdf(arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Counts the pages."""
    dpi, languages = arguments["dpi"], arguments["languages"]
    (count,) = struct.unpack(">I", _exactly(4))
    pages, layers = [], []
    for number in range(1, count + 1):
        control.progress(number - 1, count)
        width, height = struct.unpack(">II", _exactly(8))
        image = Image.frombuffer("RGB", (width, height), _exactly(width * height * 3), "raw", "RGB", 0, 1)
        pages.append(page_encode(image))
        if languages:
            layers.append(text_layer(image, languages=languages, dpi=dpi))
        control.progress(number, count)
    if sys.stdin.buffer.read(1):
        raise ValueError
    made = WORK / "made"
    with made.open("wb") as file:
        pages_write(pages, layout(dpi, arguments["longest_inches"]), file)
    pages.clear()
    if layers:
        _text_add(made, layers)
    with made.open("rb") as file:
        shutil.copyfileobj(file, sys.stdout.buffer)
    return {"pages": count} | ({"pages_read": len(layers)} if layers else {})


if __name__ == "__main__":
    answer(pixels_pdf)
