"""The box that shows on a page who signed."""

import math

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from reportlab.pdfbase.pdfmetrics import stringWidth

_FONT = "Helvetica"
_WIDTH, _HEIGHT, _MARGIN, _PADDING = 200.0, 56.0, 24.0, 5.0  # points
_SIZE_MOST, _SIZE_LEAST = 9.0, 2.0
_DEPTH_MOST = 50


class Box:
    """A box in a corner of a page, as a reader shows it: `rect` on the page number `index`, which counts from 0."""

    def __init__(self, writer: IncrementalPdfFileWriter, index: int, corner: str, lines: list[str]) -> None:
        self.index, self._lines = index, [line.encode("cp1252", "replace").decode("cp1252") for line in lines]
        page = writer.find_page_for_modification(index)[0].get_object()
        left, bottom, right, top = _edges(page)
        self._turn = int(_inherited(page, "/Rotate") or 0) % 360
        width, height = (top - bottom, right - left) if self._turn in (90, 270) else (right - left, top - bottom)
        self._width, self._height = min(_WIDTH, width * 0.8), min(_HEIGHT, height * 0.4)
        margin = min(_MARGIN, width * 0.05, height * 0.05)
        x = margin if corner.endswith("left") else width - margin - self._width
        y = margin if corner.startswith("bottom") else height - margin - self._height
        first = self._on_page(x, y, width, height)
        second = self._on_page(x + self._width, y + self._height, width, height)
        across, along = sorted((first[0], second[0])), sorted((first[1], second[1]))
        self.rect = (left + across[0], bottom + along[0], left + across[1], bottom + along[1])

    def _on_page(self, x: float, y: float, width: float, height: float) -> tuple[float, float]:
        """From what is seen, which is `width` by `height`, to the page as it lies."""
        turned = {0: (x, y), 90: (height - y, x), 180: (width - x, height - y), 270: (y, width - x)}
        return turned[self._turn]

    def appearance(self, writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
        """The appearance dictionary: a frame and lines of text."""
        cos, sin = round(math.cos(math.radians(self._turn))), round(math.sin(math.radians(self._turn)))
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": f"/{_FONT}", "/Encoding": "/WinAnsiEncoding"}
        named = generic.DictionaryObject({pdf_name(key): pdf_name(value) for key, value in font.items()})
        fonts = generic.DictionaryObject({pdf_name("/F"): writer.add_object(named)})
        form = generic.StreamObject(
            {
                pdf_name("/Type"): pdf_name("/XObject"),
                pdf_name("/Subtype"): pdf_name("/Form"),
                pdf_name("/BBox"): _numbers(0, 0, self._width, self._height),
                pdf_name("/Matrix"): _numbers(cos, sin, -sin, cos, 0, 0),
                pdf_name("/Resources"): generic.DictionaryObject({pdf_name("/Font"): fonts}),
            },
            stream_data=self._drawn(),
        )
        return generic.DictionaryObject({pdf_name("/N"): writer.add_object(form)})

    def _drawn(self) -> bytes:
        room = max(self._width - 2 * _PADDING, 1)
        widest = max(stringWidth(line, _FONT, 1) for line in self._lines)
        size = min(_SIZE_MOST, room / max(widest, 0.01), (self._height - _PADDING) / (1.25 * len(self._lines)))
        size = max(size, _SIZE_LEAST)
        frame = f"q 1 g 0.35 G 0.5 w 0.25 0.25 {self._width - 0.5:.2f} {self._height - 0.5:.2f} re B\n"
        begin = f"0 g BT /F {size:.2f} Tf {size * 1.25:.2f} TL {_PADDING:.2f} {self._height - _PADDING / 2:.2f} Td\n"
        text = b"".join(b"T* <" + line.encode("cp1252").hex().encode() + b"> Tj\n" for line in self._lines)
        return frame.encode() + begin.encode() + text + b"ET Q"


def _numbers(*values: float) -> generic.ArrayObject:
    return generic.ArrayObject([generic.FloatObject(f"{value:.2f}") for value in values])


def _edges(page: generic.DictionaryObject) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of what is shown of a page."""
    box = _inherited(page, "/CropBox") or _inherited(page, "/MediaBox") or (0, 0, 612, 792)
    left, bottom, right, top = (float(edge.get_object() if hasattr(edge, "get_object") else edge) for edge in box)
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def _inherited(page: generic.DictionaryObject, name: str) -> generic.PdfObject | None:
    for _ in range(_DEPTH_MOST):
        if name in page:
            return page[name]
        if "/Parent" not in page:
            break
        page = page["/Parent"]
    return None
