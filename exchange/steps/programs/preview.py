"""Small pictures of the pages of a PDF or of a picture."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from parts import PartWriter, run_split
from picture import flat, frames_count, picture_open, srgb, upright
from PIL import Image
from protocol import Control, Refused
from raster import PAGES_MOST, page_render, pdfium_open, pixels_check

_HEIGHT_MOST = 8  # times the width
_POINTS = 72
_QUALITY = 80


def _size(width: int, page_width: float, page_height: float) -> tuple[int, int]:
    """Pixels of the preview: as wide as asked for, but narrower where it would be far too high."""
    if not (page_width > 0 and page_height > 0):
        raise Refused("corrupt")
    scale = min(width / page_width, width * _HEIGHT_MOST / page_height)
    return max(1, round(page_width * scale)), max(1, round(page_height * scale))


def _chosen(count: int, arguments: dict[str, Any]) -> range:
    """The pages asked for that there are; Refused where there are none of them."""
    chosen = range(arguments["first_page"], min(arguments["last_page"], count) + 1)
    if not chosen:
        raise Refused("page_missing")
    return chosen


def _pdf(source: Path, arguments: dict[str, Any]) -> Iterator[tuple[int, int, Image.Image]]:
    with pdfium_open(source) as document:
        numbers = _chosen(len(document), arguments)
        for number in numbers:
            page = document[number - 1]
            page_width, page_height = page.get_size()
            size = _size(arguments["width"], page_width, page_height)
            image, _ = page_render(page, dpi=size[1] / page_height * _POINTS)
            page.close()
            yield number, len(numbers), image.resize(size)


def _picture(source: Path, arguments: dict[str, Any]) -> Iterator[tuple[int, int, Image.Image]]:
    with picture_open(source, arguments["media_type"]) as image:
        count = frames_count(image) if arguments["media_type"] == "image/tiff" else 1
        if count > PAGES_MOST:
            raise Refused("too_many_pages")
        numbers = _chosen(count, arguments)
        for number in numbers:
            image.seek(number - 1)
            pixels_check(*image.size)
            frame = flat(srgb(upright(image)))
            size = _size(min(arguments["width"], frame.width), *frame.size)
            yield number, len(numbers), frame.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def preview(source: Path, writer: PartWriter, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Counts the pages drawn."""
    pages = _pdf if arguments["media_type"] == "application/pdf" else _picture
    kind = arguments["kind"]
    for number, total, image in pages(source, arguments):
        out = io.BytesIO()
        image.save(out, kind.upper(), **({"quality": _QUALITY} if kind == "webp" else {}))
        out.seek(0)
        writer.add(f"{arguments['stem']}, page {number}.{kind}", out, media_type=f"image/{kind}")
        control.progress(writer.count, total)
    return {"pages": writer.count}


if __name__ == "__main__":
    run_split(preview)
