"""Pictures as cameras, scanners and others make them, and documents that are none."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms, ImageDraw

MARK = b"Quastenflosser"  # in everything beside the pixels


def shapes(mode: str = "RGB", size: tuple[int, int] = (120, 80)) -> Image.Image:
    """Blue in the left upper corner, orange in the right lower one, on a light ground."""
    image = Image.new("RGB", size, (250, 250, 245))
    drawing, (width, height) = ImageDraw.Draw(image), size
    drawing.rectangle((0, 0, width // 3, height // 3), fill=(20, 60, 200))
    drawing.rectangle((width * 2 // 3, height * 2 // 3, width, height), fill=(230, 120, 20))
    if mode.endswith("A"):
        image.putalpha(255)
        ImageDraw.Draw(image).rectangle((width * 2 // 3, 0, width, height // 3), fill=(0, 0, 0, 0))
    if mode == "I;16":
        return Image.frombytes("I;16", size, b"".join(bytes((0, value)) for value in image.convert("L").tobytes()))
    return image if image.mode == mode else image.convert(mode)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo(kind: str = "JPEG", orientation: int = 6) -> bytes:
    """A photo with everything beside it that a camera writes."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x013B] = orientation, MARK.decode(), MARK.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, Any] = {"exif": exif.tobytes(), "icc_profile": profile}
    if kind in {"JPEG", "WEBP"}:
        options |= {"xmp": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + MARK + b"</x:xmpmeta>"}
    return saved(shapes(), kind, **options)


def animation(kind: str = "GIF") -> bytes:
    """Three pictures."""
    more = [Image.new("RGB", (120, 80), colour) for colour in ("red", "green")]
    return saved(shapes(), kind, save_all=True, append_images=more, duration=100)


def pages(count: int) -> bytes:
    """A TIFF of so many pages."""
    return saved(shapes(), "TIFF", save_all=True, append_images=[shapes() for _ in range(count - 1)])


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of hardly any bytes that says to have so many pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1 << 20))) + chunk(b"IEND", b"")


def opened(content: bytes) -> Image.Image:
    """The picture, decoded."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def corners(image: Image.Image) -> str:
    """What lies left above, right above, left below, right below: b(lue), o(range), w(hite) or another: x."""
    image = image.convert("RGB")
    width, height = image.size
    places = [(4, 4), (width - 5, 4), (4, height - 5), (width - 5, height - 5)]
    return "".join(_colour(*image.getpixel(place)) for place in places)


def _colour(red: int, green: int, blue: int) -> str:
    if min(red, green, blue) > 200:
        return "w"
    if blue > 120 and red < 100:
        return "b"
    return "o" if red > 180 and blue < 110 else "x"
