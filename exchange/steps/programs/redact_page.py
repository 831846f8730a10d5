"""What a page says, whether all of it can be searched, and where on its picture something stands."""

import ctypes
import functools
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium_c
from protocol import Refused
from redact_text import Text, text_of

Box = tuple[float, float, float, float]
_CHARACTERS_MOST = 200_000
_OBJECTS_MOST = 200_000
_UNMAPPED_MOST = 0.05  # of the characters, beyond which the text is not what a reader sees
_PICTURE_LARGE = 0.25  # of the page
_BANDS, _BANDS_WRITTEN = 8, 3
_PADDING = 0.12  # of a character's height
_PIXELS_LEAST = 2
_APART, _SHARED = 4, 0.5  # characters between two of a word, of a height
_PRIVATE = range(0xE000, 0xF900)
_INVISIBLE = pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE


@dataclass(frozen=True)
class Sight:
    """`drawn`: not all of it is text. `unread`: it has a picture without text for it; `unsearchable`: a large one."""

    text: Text
    drawn: bool
    unread: bool
    unsearchable: bool


class Page:
    """A page of pdfium's with its text page."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self.page = page
        self._text = page.get_textpage()
        self._count = self._text.count_chars()

    def see(self) -> Sight:
        """Its text, and what of it is none."""
        if self._count > _CHARACTERS_MOST:
            return Sight(Text(), True, True, True)
        codes = [pdfium_c.FPDFText_GetUnicode(self._text, at) for at in range(self._count)]
        text = text_of((at, _sign(code)) for at, code in enumerate(codes))
        shown = sum(not _sign(code).isspace() for code in codes)
        unmapped = sum(self._unmapped(at, code) for at, code in enumerate(codes))
        if unmapped > shown * _UNMAPPED_MOST:
            return Sight(text, True, True, True)
        pictures, drawn = self._pictures()
        if not shown and drawn:
            return Sight(text, True, True, True)
        unread = [picture for picture in pictures if not self._read(picture)]
        width, height = self.page.get_size()
        large = any(_area(picture) > _PICTURE_LARGE * width * height for picture in unread)
        return Sight(text, drawn, bool(unread), large)

    def _unmapped(self, at: int, code: int) -> bool:
        return code in (0, 0xFFFD) or code in _PRIVATE or pdfium_c.FPDFText_HasUnicodeMapError(self._text, at) == 1

    def _pictures(self) -> tuple[list[Box], bool]:
        """Boxes of the pictures, or of what holds them, and whether anything is drawn that is no text."""
        boxes, drawn = [], False
        for seen, entry in enumerate(self.page.get_objects(max_depth=1)):
            if seen > _OBJECTS_MOST:
                raise Refused("too_many_pages")
            drawn = drawn or entry.type != pdfium_c.FPDF_PAGEOBJ_TEXT
            if entry.type == pdfium_c.FPDF_PAGEOBJ_IMAGE or (
                entry.type == pdfium_c.FPDF_PAGEOBJ_FORM and _holds_picture(entry.raw)
            ):
                boxes.append(entry.get_bounds())
        return boxes, drawn

    def _read(self, picture: Box) -> bool:
        """Whether text stands for what a picture shows: invisible, as OCR writes it, or over much of its height."""
        left, bottom, right, top = picture
        bands, height = set(), max(top - bottom, 0.1)
        for at in range(self._count):
            box = self._text.get_charbox(at)
            across, up = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            if not (left <= across <= right and bottom <= up <= top):
                continue
            shape = pdfium_c.FPDFText_GetTextObject(self._text, at)
            if shape and pdfium_c.FPDFTextObj_GetTextRenderMode(shape) == _INVISIBLE:
                return True
            bands.add(min(int((up - bottom) / height * _BANDS), _BANDS - 1))
        return len(bands) >= _BANDS_WRITTEN

    def boxes(self, characters: set[int], place: pypdfium2.PdfPosConv) -> list[Box]:
        """Boxes on the page's picture, a little larger than the words; each covers a line of one, not its letters."""
        found: list[Box] = []
        last = -2
        for at in sorted(characters):
            box = self._box(at, place)
            if box is None:
                continue
            if found and at - last <= _APART and _beside(found[-1], box):
                found[-1] = _around(found[-1], box)
            else:
                found.append(box)
            last = at
        return found

    def _box(self, at: int, place: pypdfium2.PdfPosConv) -> Box | None:
        """Around a character as it is drawn and as its font says it may be; None of a space without a place."""
        drawn = [self._text.get_charbox(at, loose=loose) for loose in (True, False)]
        drawn = [(left, bottom, right, top) for left, bottom, right, top in drawn if right > left or top > bottom]
        if not drawn:
            return None
        left, bottom, right, top = functools.reduce(_around, drawn)
        padding = max(top - bottom, right - left) * _PADDING
        corners = [
            place.to_bitmap(x, y) for x in (left - padding, right + padding) for y in (bottom - padding, top + padding)
        ]
        across, down = zip(*corners, strict=True)
        return (
            min(across) - _PIXELS_LEAST, min(down) - _PIXELS_LEAST,
            max(across) + _PIXELS_LEAST, max(down) + _PIXELS_LEAST,
        )  # fmt: skip


def _around(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _beside(one: Box, other: Box) -> bool:
    """Whether they share most of their height, as on a line, or of their width, as on a turned one."""
    for low, high in ((1, 3), (0, 2)):
        shared = min(one[high], other[high]) - max(one[low], other[low])
        if shared > _SHARED * min(one[high] - one[low], other[high] - other[low]):
            return True
    return False


def _sign(code: int) -> str:
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _holds_picture(form: "ctypes._Pointer", depth: int = 0) -> bool:
    """Whether a form has a picture in it, at any depth; one that is too deep counts as one."""
    if depth > 15:
        return True
    for at in range(pdfium_c.FPDFFormObj_CountObjects(form)):
        entry = pdfium_c.FPDFFormObj_GetObject(form, at)
        kind = pdfium_c.FPDFPageObj_GetType(entry)
        if kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            return True
        if kind == pdfium_c.FPDF_PAGEOBJ_FORM and _holds_picture(entry, depth + 1):
            return True
    return False
