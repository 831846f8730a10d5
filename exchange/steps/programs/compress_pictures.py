"""The pictures of a PDF with fewer pixels and as JPEG, where that is smaller."""

import io
from typing import Any

import pikepdf
from PIL import Image

_PIXELS_MOST = 50_000_000  # larger ones stay as they are
_PICTURES_MOST = 20_000
_FORMS_DEEP = 8
_POINTS = 72
_MODES = {"/DeviceRGB": "RGB", "/CalRGB": "RGB", "/DeviceGray": "L", "/CalGray": "L"}
_LOSSLESS = {"/FlateDecode", "/LZWDecode", "/RunLengthDecode", "/ASCII85Decode", "/ASCIIHexDecode"}
_CHANNELS = {1: "L", 3: "RGB"}
_WORTH = 0.9  # of the bytes before, at most
Image.MAX_IMAGE_PIXELS = None  # counted here


def _mode(colours: Any) -> str | None:
    """How Pillow names the colours of a picture; None for those that are left alone."""
    if isinstance(colours, pikepdf.Name):
        return _MODES.get(str(colours))
    if isinstance(colours, pikepdf.Array) and len(colours) > 1:
        if colours[0] == "/ICCBased":
            return _CHANNELS.get(int(colours[1].get("/N", 0)))
        return _MODES.get(str(colours[0]))
    return None


def _filters(picture: pikepdf.Stream) -> list[str]:
    said = picture.get("/Filter", [])
    return [str(one) for one in said] if isinstance(said, pikepdf.Array) else [str(said)] if said else []


def _plain(picture: pikepdf.Stream) -> bool:
    """Whether it is eight bits a colour with nothing that counts on its very numbers."""
    mask = picture.get("/SMask")
    return (
        picture.get("/BitsPerComponent", 8) == 8
        and picture.get("/ImageMask") is not True
        and "/Decode" not in picture
        and not isinstance(picture.get("/Mask"), pikepdf.Array)
        and not (isinstance(mask, pikepdf.Stream) and "/Matte" in mask)
        and not picture.get("/SMaskInData")
    )


def _jpeg(pdf: pikepdf.Pdf, picture: pikepdf.Stream, around: list[str]) -> bytes:
    """The JPEG inside a picture, without what is around it."""
    if not around:
        return picture.read_raw_bytes()
    wrapped = pdf.make_stream(picture.read_raw_bytes())
    wrapped.Filter = pikepdf.Array([pikepdf.Name(name) for name in around])
    return wrapped.read_bytes()


def _decoded(pdf: pikepdf.Pdf, picture: pikepdf.Stream, size: tuple[int, int], mode: str) -> Image.Image | None:
    """Its pixels; None where it is of another kind than it says, or of one that is left alone."""
    filters = _filters(picture)
    if filters and filters[-1] == "/DCTDecode":
        found = Image.open(io.BytesIO(_jpeg(pdf, picture, filters[:-1])), formats=["JPEG"])
        if found.size != size or found.mode != mode:
            return None
        found.load()
        return found
    if set(filters) <= _LOSSLESS:
        content = picture.read_bytes()
        need = size[0] * size[1] * len(mode)
        return Image.frombytes(mode, size, content[:need]) if len(content) >= need else None
    return None


class Pictures:
    """Pictures by the largest page on which each is shown."""

    def __init__(self, pdf: pikepdf.Pdf, dots: int, quality: int) -> None:
        self._pdf, self._dots, self._quality = pdf, dots, quality
        self._found: dict[tuple[int, int], tuple[pikepdf.Stream, float]] = {}

    def page(self, page: pikepdf.Page) -> None:
        """Note the pictures of a page, those inside its forms too."""
        left, bottom, right, top = (float(edge) for edge in page.mediabox)
        unit = float(page.obj.get("/UserUnit", 1))
        long_side = max(abs(right - left), abs(top - bottom)) * unit / _POINTS * self._dots
        self._look(page.resources, long_side, set(), 0)

    def _look(self, resources: Any, long_side: float, seen: set[tuple[int, int]], depth: int) -> None:
        entries = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
        if not isinstance(entries, pikepdf.Dictionary) or depth > _FORMS_DEEP:
            return
        for name in entries.keys():  # noqa: SIM118
            entry = entries[name]
            if not isinstance(entry, pikepdf.Stream) or entry.objgen in seen:
                continue
            seen.add(entry.objgen)
            if entry.get("/Subtype") == "/Form":
                self._look(entry.get("/Resources"), long_side, seen, depth + 1)
            elif entry.get("/Subtype") == "/Image" and len(self._found) < _PICTURES_MOST:
                before = self._found.get(entry.objgen, (entry, 0.0))[1]
                self._found[entry.objgen] = (entry, max(before, long_side))

    def shrink(self) -> int:
        """Change those that it makes smaller; how many."""
        return sum(self._shrink(picture, long_side) for picture, long_side in self._found.values())

    def _shrink(self, picture: pikepdf.Stream, long_side: float) -> bool:
        """Whether a picture was changed; one that cannot be read stays as it is, as a reader may show it."""
        try:
            size, mode = (int(picture.Width), int(picture.Height)), _mode(picture.get("/ColorSpace"))
            if mode is None or not _plain(picture) or not 0 < size[0] * size[1] <= _PIXELS_MOST:
                return False
            pixels = _decoded(self._pdf, picture, size, mode)
            if pixels is None:
                return False
            share = min(1.0, long_side / max(size))
            if share < 1:
                pixels = pixels.resize(tuple(max(1, round(side * share)) for side in size), Image.Resampling.LANCZOS)
            out = io.BytesIO()
            pixels.save(out, "JPEG", quality=self._quality, optimize=True)
        except (
            OSError,
            SyntaxError,
            pikepdf.PdfError,
            ValueError,
            TypeError,
            RuntimeError,
            LookupError,
            AttributeError,
        ):
            return False
        if len(out.getvalue()) > len(picture.read_raw_bytes()) * _WORTH:
            return False
        picture.write(out.getvalue(), filter=pikepdf.Name.DCTDecode)
        picture.Width, picture.Height = pixels.size
        picture.BitsPerComponent = 8
        return True
