"""Writing a picture: of one format, with as much of what came beside it as was asked for."""

import contextlib
from pathlib import Path
from typing import Any

from picture import flat, frames_count
from PIL import Image
from pixel_pages import layout, pages_write
from protocol import Control, Refused

LOSSY = {"JPEG", "WEBP"}
_ORIENTATION, _THUMBNAILS = 0x0112, 1
_SIDE_MOST = {"JPEG": 65_535, "WEBP": 16_383}
_METHOD = 4


def keepsakes(image: Image.Image) -> dict[str, Any]:
    """Exif and XMP of a picture that was turned upright, as arguments of `save`."""
    kept: dict[str, Any] = {}
    with contextlib.suppress(SyntaxError, ValueError, TypeError, KeyError, IndexError, OSError, OverflowError):
        exif = image.getexif()
        exif.pop(_ORIENTATION, None)
        if exif:
            kept["exif"] = exif.tobytes()
    if isinstance(xmp := image.info.get("xmp"), bytes):
        kept["xmp"] = xmp
    return kept


def _fits(image: Image.Image, kind: str) -> Image.Image:
    """The picture in a model that the format has; Refused where it is longer than the format can be."""
    if max(image.size) > _SIDE_MOST.get(kind, max(image.size)):
        raise Refused("picture_too_large")
    if kind == "JPEG":
        return image if image.mode in {"L", "RGB", "CMYK"} else flat(image)
    if kind == "WEBP":
        return image if image.mode in {"RGB", "RGBA"} else image.convert("RGB")
    return image.convert("RGB") if image.mode == "CMYK" and kind == "PNG" else image


def picture_save(image: Image.Image, target: Path, kind: str, *, quality: int, beside: dict[str, Any]) -> None:
    """Write `kind` (JPEG, PNG, WEBP, TIFF); nothing of the picture's own `info` goes along but what is `beside`."""
    image = _fits(image, kind)
    image.info = {}
    options: dict[str, Any] = {
        "JPEG": {"quality": quality, "optimize": True},
        "PNG": {"optimize": False},
        "WEBP": {"quality": quality, "method": _METHOD},
        "TIFF": {"compression": "tiff_adobe_deflate"},
    }[kind]
    if kind == "TIFF":
        beside = {name: value for name, value in beside.items() if name == "icc_profile"}
    image.save(target, kind, **options, **beside)


def pdf_save(pictures: list[bytes], target: Path, *, dpi: int, longest_inches: float) -> None:
    """A page for each JPEG or PNG, as large as its pixels and not longer than said."""
    with target.open("wb") as file:
        pages_write(pictures, layout(dpi, longest_inches), file)


def first_frame_tell(image: Image.Image, control: Control) -> None:
    """Say that a file holds more pictures than the one that was taken."""
    if (count := frames_count(image)) > 1:
        control.finding("first_frame_only", text=f"It has {count} pictures; the first one was taken.")
