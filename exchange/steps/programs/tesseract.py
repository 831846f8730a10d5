"""What tesseract reads in a picture."""

import csv
import subprocess
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from protocol import WORK, Refused

_TESSERACT, _TRAINED = "/usr/bin/tesseract", Path("/usr/share/tesseract-ocr")
_SECONDS = 120
_PADDING, _PIXELS_LEAST = 0.15, 2
_SIDE_MOST = 32_000  # of tesseract itself


@dataclass(frozen=True)
class Word:
    """A word, the line it stands in, and its box in pixels: left, top, right, bottom."""

    text: str
    line: tuple[str, ...]
    box: tuple[int, int, int, int]

    def around(self) -> tuple[float, float, float, float]:
        """Its box, a little larger."""
        left, top, right, bottom = self.box
        padding = max(_PIXELS_LEAST, (bottom - top) * _PADDING)
        return left - padding, top - padding, right + padding, bottom + padding


def _read(image: Image.Image, kind: str, *, languages: list[str], dpi: int, options: tuple[str, ...] = ()) -> Path:
    """Run it; the file that it wrote. Refused for a page of which it makes nothing in time, or without its language."""
    if any(not list(_TRAINED.glob(f"*/tessdata/{language}.traineddata")) for language in languages):
        raise Refused("unsupported")
    if max(image.size) > _SIDE_MOST:
        raise Refused("picture_too_large")
    page, result = WORK / "page.png", WORK / "page-read"
    image.save(page, compress_level=1)
    command = [_TESSERACT, str(page), str(result), "-l", "+".join(languages), "--dpi", str(dpi), *options, kind]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        raise Refused("picture_too_large") from None
    finally:
        page.unlink()
    return result.with_suffix(f".{kind}")


def text_layer(image: Image.Image, *, languages: list[str], dpi: int) -> bytes:
    """A PDF of one page with the words alone, invisible."""
    layer = _read(image, "pdf", languages=languages, dpi=dpi, options=("-c", "textonly_pdf=1"))
    return layer.read_bytes()


def words(image: Image.Image, *, languages: list[str], dpi: int) -> list[Word]:
    """Every word with its place."""
    found = []
    with _read(image, "tsv", languages=languages, dpi=dpi).open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not (text := (row["text"] or "").strip()):
                continue
            left, top, width, height = (int(row[name]) for name in ("left", "top", "width", "height"))
            line = tuple(row[name] for name in ("block_num", "par_num", "line_num"))
            found.append(Word(text, line, (left, top, left + width, top + height)))
    return found
