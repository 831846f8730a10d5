"""Pages of A4 with headings, pairs of words and values, and tables that go on from page to page."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import fontpkg_noto_sans
from protocol import Refused
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle
from reportlab.platypus.doctemplate import LayoutError

_FONT = "Noto Sans"
_FILE = Path(fontpkg_noto_sans.ROOT) / "files" / "NotoSans[wdth,wght].ttf"
_MARGIN = 18 * mm
_CHUNK = 400  # rows of a table; more take a time that grows with their square
_PADDING = 6  # reportlab's own, within the margins
_WIDTH = A4[0] - 2 * _MARGIN
_GREY, _LINE = HexColor("#555555"), HexColor("#bbbbbb")
_PLAIN = ParagraphStyle("plain", fontName=_FONT, fontSize=9, leading=12)
_RIGHT = ParagraphStyle("right", _PLAIN, alignment=TA_RIGHT)
_QUIET = ParagraphStyle("quiet", _PLAIN, textColor=_GREY)
_QUIET_RIGHT = ParagraphStyle("quiet right", _QUIET, alignment=TA_RIGHT)
_TITLE = ParagraphStyle("title", _QUIET, keepWithNext=1)
_HEADING = ParagraphStyle("heading", _PLAIN, fontSize=17, leading=22, spaceAfter=4 * mm)
_FLAT = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (0, -1), 0),
    ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
]


class Sheet:
    """Put things on it from top to bottom, then save. `unwritten` counts letters that the font does not have.

    `note` stands at the foot of every page. Texts are plain but in tables, whose cells are reportlab's markup.
    """

    def __init__(self, note: str, title: str) -> None:
        font = TTFont(_FONT, _FILE)
        registerFont(font)
        self._known = font.face.charToGlyph
        self.unwritten = 0
        self._story: list[Flowable] = []
        self._note, self._title = self._written(note), self._written(title)

    def _written(self, text: str) -> str:
        composed = unicodedata.normalize("NFC", text)
        missing = sum(ord(letter) not in self._known for letter in composed)
        self.unwritten += missing
        return "".join(one if ord(one) in self._known else "?" for one in composed) if missing else composed

    def _paragraph(self, markup: str, style: ParagraphStyle = _PLAIN) -> Paragraph:
        return Paragraph(self._written(markup), style)

    def heading(self, text: str) -> None:
        """The largest letters of the page."""
        self._story.append(self._paragraph(escape(text), _HEADING))

    def text(self, text: str) -> None:
        """A paragraph."""
        self._story += [self._paragraph(escape(text)), Spacer(0, 2 * mm)]

    def columns(self, *columns: tuple[str, list[str]]) -> None:
        """Blocks of lines side by side, each beneath its title."""
        cells = [
            [self._paragraph(escape(title), _QUIET), *(self._paragraph(escape(line)) for line in lines)]
            for title, lines in columns
        ]
        widths = [_WIDTH / len(columns)] * len(columns)
        self._story += [Table([cells], colWidths=widths, splitInRow=1, style=TableStyle(_FLAT)), Spacer(0, 5 * mm)]

    def pairs(self, pairs: Sequence[tuple[str, str]], *, title: str = "") -> None:
        """Words, and beside each its value."""
        if title and pairs:
            self._story += [Spacer(0, 4 * mm), self._paragraph(escape(title), _TITLE)]
        for word, value in pairs:
            row = [[self._paragraph(escape(word), _QUIET), self._paragraph(escape(value))]]
            columns = [38 * mm, _WIDTH - 38 * mm]
            self._story.append(Table(row, colWidths=columns, splitInRow=1, style=TableStyle(_FLAT)))
        self._story.append(Spacer(0, 3 * mm))

    def table(
        self, titles: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[float], *, right: Sequence[int]
    ) -> None:
        """`widths` in millimetres; `right` are the columns of numbers. The titles stand on every page anew."""
        made = [
            [self._paragraph(cell, _RIGHT if place in right else _PLAIN) for place, cell in enumerate(row)]
            for row in rows
        ]
        style = TableStyle([*_FLAT, ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE)])
        columns = [width * mm for width in widths]
        for at in range(0, max(len(made), 1), _CHUNK):
            head = [self._paragraph(one, _QUIET_RIGHT if n in right else _QUIET) for n, one in enumerate(titles)]
            part = [head, *made[at : at + _CHUNK]]
            self._story.append(LongTable(part, colWidths=columns, repeatRows=1, splitInRow=1, style=style))
        self._story.append(Spacer(0, 5 * mm))

    def totals(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Words and amounts at the right, the last one beneath a line."""
        if not pairs:
            return
        rows = [
            ["", self._paragraph(escape(word), _QUIET), self._paragraph(escape(value), _RIGHT)] for word, value in pairs
        ]
        style = TableStyle([*_FLAT, ("LINEABOVE", (1, -1), (-1, -1), 0.8, _GREY)])
        self._story.append(Table(rows, colWidths=[_WIDTH - 95 * mm, 45 * mm, 50 * mm], style=style))

    def save(self, target: Path, tick: Callable[[int], None]) -> int:
        """Write the pages; how many. Refused where something has no room on one."""

        def foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
            canvas.setFont(_FONT, 7)
            canvas.setFillColor(_GREY)
            canvas.drawString(_MARGIN, 10 * mm, self._note)
            canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, f"{document.page}")
            tick(document.page)

        edges = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), _MARGIN - _PADDING)
        document = SimpleDocTemplate(str(target), pagesize=A4, title=self._title, invariant=1, **edges)
        try:
            document.build(self._story, onFirstPage=foot, onLaterPages=foot)
        except LayoutError:
            raise Refused("unsupported") from None
        return int(document.page)
