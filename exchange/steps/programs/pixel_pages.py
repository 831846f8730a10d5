"""Pixels as pages of a PDF."""

import io
from collections.abc import Callable
from typing import BinaryIO

import img2pdf
from PIL import Image, ImageChops

_QUALITY = 85
_LIGHT, _MOSTLY = 250, 0.5
_POINTS, _POINTS_MOST = 72, 14_400


def page_encode(image: Image.Image) -> bytes:
    """RGB as JPEG, or as PNG where a page is mostly paper and that is smaller; grey where there is no colour."""
    red, green, blue = image.split()
    if not ImageChops.difference(red, green).getbbox() and not ImageChops.difference(green, blue).getbbox():
        image = red
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, subsampling=0)
    paper = sum(red.histogram()[_LIGHT:]) / (image.width * image.height)
    if paper < _MOSTLY:
        return out.getvalue()
    exact = io.BytesIO()
    image.save(exact, "PNG", compress_level=6)
    return min(out.getvalue(), exact.getvalue(), key=len)


def layout(dpi: int, longest_inches: float = 0) -> Callable[..., tuple[float, float, float, float]]:
    """Page and picture in points from pixels: `dpi` of them an inch, or more where the page would be too long."""
    longest = min(longest_inches * _POINTS or _POINTS_MOST, _POINTS_MOST)

    def place(width: int, height: int, _said: object) -> tuple[float, float, float, float]:
        scale = min(_POINTS / dpi, longest / max(width, height))
        page = (max(3.0, width * scale), max(3.0, height * scale))
        return (*page, *page)

    return place


def pages_write(pages: list[bytes], place: Callable[..., tuple[float, float, float, float]], target: BinaryIO) -> None:
    """The PDF: pictures and nothing else, no date, no producer."""
    img2pdf.convert(
        pages, layout_fun=place, nodate=True, producer="", rotation=img2pdf.Rotation.none, outputstream=target
    )
