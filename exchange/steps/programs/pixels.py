"""A PDF or picture as nothing but pixels, as exchange/steps/pixels.py checks them: pages; each width, height, RGB."""

import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from picture import frames, frames_count, picture_open
from PIL import Image
from protocol import Control, answer, source_read
from raster import page_render, pdfium_open

_NUMBER, _SIZE = struct.Struct(">I"), struct.Struct(">II")
_BAND = 256


def _write(count: int, pages: Iterable[Image.Image], control: Control) -> None:
    out = sys.stdout.buffer
    out.write(_NUMBER.pack(count))
    for number, page in enumerate(pages, 1):
        out.write(_SIZE.pack(*page.size))
        for top in range(0, page.height, _BAND):
            out.write(page.crop((0, top, page.width, min(top + _BAND, page.height))).tobytes())
        out.flush()
        control.progress(number, count)


def _pdf(source: Path, dpi: int, control: Control) -> dict[str, int]:
    with pdfium_open(source) as document:
        _write(len(document), (page_render(page, dpi=dpi)[0] for page in document), control)
        return {}


def _picture(source: Path, media_type: str, control: Control) -> dict[str, int]:
    with picture_open(source, media_type) as image:
        count = frames_count(image)
        pages = count if media_type == "image/tiff" else 1
        _write(pages, frames(image, media_type), control)
        if count > pages:
            control.finding("first_frame_only", text=f"It has {count} pictures; the first one was taken.")
        return {}


def pixels(arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Draw every page; the second program counts them."""
    source, media_type = source_read(), arguments["media_type"]
    if media_type == "application/pdf":
        return _pdf(source, arguments["dpi"], control)
    return _picture(source, media_type, control)


if __name__ == "__main__":
    answer(pixels)
