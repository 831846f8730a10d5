"""Opening a picture inside the sandbox: one of a few formats, its size judged before a pixel is decoded."""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageCms, ImageOps
from protocol import Refused
from raster import PAGES_MOST, PIXELS_MOST, pixels_check

FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
    "image/gif": "GIF",
    "image/bmp": "BMP",
}
# What Pillow and its C libraries say of bytes that are no picture.
_BROKEN = (
    SyntaxError, ValueError, TypeError, EOFError, KeyError, IndexError, OverflowError, ZeroDivisionError,
    AttributeError, RuntimeError, NotImplementedError, struct.error, zlib.error,
)  # fmt: skip
_WHITE = (255, 255, 255, 255)
_DEEP = ("I;16", "I;16B", "I;16L", "I;16N")

Image.MAX_IMAGE_PIXELS = PIXELS_MOST
warnings.simplefilter("error", Image.DecompressionBombWarning)


@contextmanager
def picture_open(source: Path, media_type: str) -> Iterator[Image.Image]:
    """The picture, of that type and no other; Refused for what it is not, what it lacks, and what is too large."""
    try:
        with Image.open(source, formats=[FORMATS[media_type]]) as image:
            pixels_check(*image.size)
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("picture_too_large") from None
    except _BROKEN:
        raise Refused("corrupt") from None
    except OSError as error:
        if error.errno is not None:  # the machine's, not the picture's
            raise
        raise Refused("corrupt") from None


def frames_count(image: Image.Image) -> int:
    """How many pictures the file holds."""
    return getattr(image, "n_frames", 1)


def frames(image: Image.Image, media_type: str) -> Iterator[Image.Image]:
    """Every page of a TIFF, the first picture of anything else, ready to be shown: turned, in sRGB, on white."""
    count = frames_count(image) if media_type == "image/tiff" else 1
    if count > PAGES_MOST:
        raise Refused("too_many_pages")
    for number in range(count):
        image.seek(number)
        pixels_check(*image.size)
        yield flat(srgb(upright(image)))


def upright(image: Image.Image) -> Image.Image:
    """The picture turned as its Exif says, which then says nothing of it any more."""
    image.load()
    return ImageOps.exif_transpose(image)


def srgb(image: Image.Image) -> Image.Image:
    """The picture's colours as sRGB, eight bits deep; without or with a broken profile they are taken for that."""
    profile = image.info.get("icc_profile")
    image = _shallow(image)
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return image
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        colours = image.convert("RGB") if alpha else image
        turned = ImageCms.profileToProfile(colours, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, *_BROKEN, OSError):
        return image
    if turned is None:
        return image
    if alpha:
        turned.putalpha(alpha)
    return turned


def _shallow(image: Image.Image) -> Image.Image:
    """Sixteen bits a pixel become eight; palettes and rarer models become RGB, or RGBA where they are see-through."""
    if image.mode in _DEEP or image.mode == "I":
        return image.point(lambda value: value / 256).convert("L")
    if image.mode == "F":
        return image.convert("L")
    if image.mode in {"P", "PA", "LA", "La", "RGBa", "RGBX"} or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in {"RGB", "RGBA", "CMYK", "L"} else image.convert("RGB")


def flat(image: Image.Image) -> Image.Image:
    """RGB; what is see-through lies on white."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, _WHITE)
    ground.alpha_composite(image)
    return ground.convert("RGB")
