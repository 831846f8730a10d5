"""Remove what was found from a PDF: such pages become pictures with it blacked out, others keep their drawing alone."""

import io
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import tesseract
from pdf import pdf_open
from PIL import Image, ImageDraw
from pixel_pages import layout, page_encode, pages_write
from protocol import WORK, Control, Refused, run
from raster import page_render, pdfium_open
from redact_find import Finder, Hit
from redact_page import Box, Page
from redact_strip import Search, Stripper, needles_of, strip_errors
from redact_text import BREAK, SPACE, Text, text_of

_BROKEN = (pikepdf.PdfError, ValueError, TypeError, RuntimeError)
_WORDS = {"iban": "account number", "card": "card number", "email": "e-mail address", "phone": "phone number",
          "word": "own word"}  # fmt: skip


@dataclass
class _State:
    """What is known so far: pictures by page, texts found, pages that were read or could not be, counts."""

    arguments: dict[str, Any]
    control: Control
    finder: Finder
    pictures: dict[int, bytes] = field(default_factory=dict)
    found: set[str] = field(default_factory=set)
    read: set[int] = field(default_factory=set)
    unsearchable: set[int] = field(default_factory=set)
    unread: set[int] = field(default_factory=set)
    report: Counter[str] = field(default_factory=Counter)


def _flattened(source: Path) -> Path:
    """The document, written anew, with what fields and annotations show drawn into its pages."""
    given, flat = WORK / "given", WORK / "flat"
    with pdf_open(source) as pdf:
        annotated = any("/Annots" in page.obj for page in pdf.pages)
        if annotated and "/AcroForm" not in pdf.Root:  # pdfium flattens documents with a form alone
            pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array())
        pdf.save(given)
    source.unlink()
    if not annotated:
        return given
    with pdfium_open(given) as document:
        for page in document:
            page.flatten()
            page.close()
        document.save(flat)
    with pikepdf.open(flat) as pdf:  # both libraries read what one of them wrote
        pdf.save(given)
    flat.unlink()
    return given


def _hit(state: _State, text: Text) -> tuple[list[Hit], set[int]]:
    """Hits in a text, and the numbers of the characters or words they are made of."""
    hits = state.finder.find(text.text)
    state.found |= {text.text[hit.start : hit.end] for hit in hits}
    return hits, {number for hit in hits for number in text.origin[hit.start : hit.end]}


def _read(state: _State, image: Image.Image) -> tuple[list[Hit], list[Box]]:
    """What tesseract finds in a picture of the page."""
    arguments = state.arguments
    words = tesseract.words(image, languages=arguments["languages"], dpi=arguments["dpi"])
    signs: list[tuple[int, str]] = []
    for number, word in enumerate(words):
        if number:
            signs.append((number, SPACE if words[number - 1].line == word.line else BREAK))
        signs += [(number, word.text)]
    hits, numbers = _hit(state, text_of(signs))
    return hits, [words[number].around() for number in numbers]


def _unsearchable(state: _State, number: int) -> None:
    """A page whose text cannot be searched, told once; Refused where that was asked for."""
    if state.arguments["unsearchable"] == "refuse":
        raise Refused("not_searchable")
    if number not in state.unsearchable:
        state.unsearchable.add(number)
        state.control.finding(
            "not_searchable", where=f"page {number}", text="Its text cannot be searched; it was left as it is."
        )


def _look(state: _State, number: int, seen: pypdfium2.PdfPage, drawn: pypdfium2.PdfPage) -> None:
    """What is found in the text of a page, and by OCR where that was asked for; `drawn` is what it looks like."""
    page = Page(seen)
    sight = page.see()
    hits, characters = _hit(state, sight.text)
    reading = state.arguments["unsearchable"] == "ocr" and (sight.drawn or sight.unread) and number not in state.read
    if not reading and number not in state.read:
        if sight.unsearchable:
            _unsearchable(state, number)
        elif sight.unread:
            state.unread.add(number)
    if not hits and not reading:
        return
    image, place = page_render(drawn, dpi=state.arguments["dpi"])
    boxes, counts = page.boxes(characters, place), Counter(hit.pattern for hit in hits)
    if reading:
        state.read.add(number)
        more, more_boxes = _read(state, image)
        boxes += more_boxes
        counts |= Counter(hit.pattern for hit in more)  # OCR reads what was found in the text as well
    if not counts:
        return
    drawing = ImageDraw.Draw(image)
    for box in boxes:
        drawing.rectangle(box, fill=(0, 0, 0))
    state.pictures[number] = page_encode(image)
    state.report.update(counts)
    said = ", ".join(f"{count} × {_WORDS[name]}" for name, count in counts.items())
    state.control.finding("redacted", where=f"page {number}", text=said)


def _stripped(state: _State, flat: Path) -> tuple[Path, set[int]]:
    """The document without what is not drawn, and the pages of it that have to be drawn anew."""
    stripped, unclear, stripper = WORK / "stripped", set(), Stripper()
    with pikepdf.open(flat) as pdf:
        for number, page in enumerate(pdf.pages, 1):
            try:
                stripper.strip(pdf, page)
            except strip_errors():
                unclear.add(number)
        pdf.save(stripped)
    return stripped, unclear


def _vouched(state: _State, pdf: pikepdf.Pdf) -> set[int]:
    """The pages that hold something found in some other way than as text that is drawn."""
    any_case = state.arguments["any_case"]
    search = Search(needles_of(state.found | set(state.arguments["words"]), any_case=any_case), any_case=any_case)
    unclear = set()
    for number, page in enumerate(pdf.pages, 1):
        try:
            if number not in state.pictures:
                search.vouch(page.obj)
        except strip_errors():
            unclear.add(number)
    return unclear


def _draw_anew(state: _State, numbers: set[int], document: pypdfium2.PdfDocument) -> None:
    for number in sorted(numbers - state.pictures.keys()):
        image, _ = page_render(document[number - 1], dpi=state.arguments["dpi"])
        state.pictures[number] = page_encode(image)
        state.report["pages_drawn_anew"] += 1
        state.control.finding("drawn_anew", where=f"page {number}", text="It has layers or hidden parts.")


def _joined(state: _State, pdf: pikepdf.Pdf) -> pikepdf.Pdf:
    """A new document of the pages that stay and of pictures."""
    made, place = pikepdf.new(), layout(state.arguments["dpi"])
    for number, page in enumerate(pdf.pages, 1):
        if number in state.pictures:
            picture = io.BytesIO()
            pages_write([state.pictures[number]], place, picture)
            with pikepdf.open(picture) as one:
                made.pages.append(one.pages[0])
        else:
            made.pages.append(page)
    return made


def _redact(state: _State, source: Path, target: Path) -> int:
    """The number of pages. Text is looked for twice: as the document says it, and as it says it without its marks."""
    flat = _flattened(source)
    with pdfium_open(flat) as document:
        total = len(document)
        for number in range(1, total + 1):
            page = document[number - 1]
            _look(state, number, page, page)
            page.close()
            state.control.progress(number, total)
        stripped, unclear = _stripped(state, flat)
        with pdfium_open(stripped) as plain:
            for number in range(1, total + 1):
                if number not in state.pictures:
                    page, drawn = plain[number - 1], document[number - 1]
                    _look(state, number, page, drawn)
                    page.close()
                    drawn.close()
        with pikepdf.open(stripped) as pdf:
            _draw_anew(state, unclear | _vouched(state, pdf), document)
            _joined(state, pdf).save(
                target, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True
            )
    return total


def redact(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Counts what was found by pattern, the pages, and those that became pictures, were read or could not be."""
    finder = Finder(arguments["patterns"], arguments["words"], any_case=arguments["any_case"])
    state = _State(arguments, control, finder)
    try:
        total = _redact(state, source, target)
    except _BROKEN:
        raise Refused("corrupt") from None
    return {
        "pages": total,
        "pages_as_pictures": len(state.pictures),
        "pages_read": len(state.read),
        "pages_not_searchable": len(state.unsearchable),
        "pages_with_pictures": len(state.unread - state.unsearchable - state.read),
        **state.report,
    }


if __name__ == "__main__":
    run(redact)
