"""pdf.redact: what is found is gone from pixels, text and bytes; what is not found stays as it looks."""

import io
import time
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from exchange.sandbox import tool_missing
from exchange.steps.base import PDF, StepParametersInvalid
from exchange.steps.registry import step_parse
from tests.documents import pdf_texts
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.redacted import SECRET, changed, gone, picture, written

LETTER = (Path(__file__).parents[2] / "files" / "pixels" / "letter.pdf").read_bytes()
ocr = pytest.mark.skipif(tool_missing("tesseract") is not None, reason="Tesseract is not installed")


def test_what_is_found_is_black_and_the_rest_of_the_letter_stays(apply):
    done = apply("pdf.redact", LETTER, PDF, patterns=["iban", "card", "email", "phone"], words=[SECRET])
    assert not gone(LETTER, SECRET)
    assert gone(done.content, SECRET, "DE89 3704", "0532 0130", "4111 1111", "quastenflosser.example", "901820")
    before, after = pdf_texts(LETTER), pdf_texts(done.content)
    assert (after[0], after[1]) == ("", before[1])
    assert ImageChops.difference(picture(LETTER, 1), picture(done.content, 1)).getextrema()[1] < 8
    black = picture(done.content, scale=2).point(lambda value: 255 * (value < 40))
    was = picture(LETTER, scale=2)
    page = pypdfium2.PdfDocument(LETTER)[0]
    words = page.get_textpage()
    for hidden in (SECRET, "DE89 3704 0044 0532 0130 00", "4111 1111 1111 1111", "+49 30 901820"):
        at, count = words.search(hidden).get_next()
        for character in range(at, at + count):
            left, bottom, right, top = (2 * edge for edge in words.get_charbox(character))
            box = (int(left), int(was.height - top), int(right) + 1, int(was.height - bottom) + 1)
            assert black.crop(box).getextrema()[0] == 255
    kept, count = words.search("affordable").get_next()
    left, bottom, right, top = (2 * edge for edge in words.get_charbox(kept))
    assert black.crop((int(left), int(was.height - top), int(right), int(was.height - bottom))).getextrema()[0] == 0


def test_the_report_counts_and_does_not_quote(apply):
    done = apply("pdf.redact", LETTER, PDF, patterns=["iban", "card", "email", "phone"], words=[SECRET, "Ottilie"])
    findings = done.report.pop("findings")
    said = "1 × account number, 1 × card number, 1 × e-mail address, 1 × phone number, 4 × own word"
    assert findings == [{"code": "redacted", "where": "page 1", "text": said}]
    assert done.report == {
        "pages": 2, "pages_as_pictures": 1, "pages_read": 0, "pages_not_searchable": 0, "pages_with_pictures": 0,
        "iban": 1, "card": 1, "email": 1, "phone": 1, "word": 4,
    }  # fmt: skip


def test_a_document_without_a_finding_keeps_its_pages(apply):
    done = apply("pdf.redact", LETTER, PDF, words=["Zanzibar"])
    assert pdf_texts(done.content) == pdf_texts(LETTER)
    for page in (0, 1):
        assert ImageChops.difference(picture(LETTER, page), picture(done.content, page)).getextrema()[1] < 8


FOUND = {
    "iban": [
        "DE89370400440532013000", "de89 3704 0044 0532 0130 00", "GB29 NWBK 6016 1331 9268 19",
        "IBAN:DE89370400440532013000.",
        "MT84 MALT 0110 0001 2345 MTLC AST0 01S", "DE89 3704 0044\n0532 0130 00", "DE89-3704-0044-0532-0130-00",
        "NL91 ABNA 0417 1643 00BIC ABNANL2A",
    ],
    "card": [
        "4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "3782 822463 10005", "5555 5555\n5555 4444",
        "No 7: 4111 1111 1111 1111", "2223 0031 2200 3222", "6011000990139424",
    ],
    "email": [
        "ana@aster.example", "Ana.M+x@sub.aster.example", "write to ana@aster.example.", "ana@aster-\nwerke.example",
        "ana.\nmuster@aster.example",
        "ana@aster.exam-\nple", "ana@aster.\nexample", "<ana@aster.example>", "ana@\naster.example",
    ],
    "phone": [
        "+49 30 901820", "+49 (0) 30 / 90 18 20", "0049 30 901820", "030 / 901 820-7", "(030) 901820",
        "+1 212-555-0123",
        "(212) 555-0123", "01 23 45 67 89", "Tel.+4930901820", "+49 30\n901820",
    ],
}  # fmt: skip
PASSED_BY = {
    "iban": ["DE88 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130", "XX89370400440532013000", "Order DE 12345"],
    "card": ["4111 1111 1111 1112", "1234567890123456", "30.11.2026 12:30", "41111111"],
    "email": ["ana at aster.example", "@aster.example", "price @ 3.50", "ana@aster"],
    "phone": ["30.11.2026", "01.02.2026", "1,250.00 EUR", "page 12 of 30", "2026-11-30", "12345"],
}


@pytest.mark.parametrize("pattern", list(FOUND))
def test_patterns(apply, pattern):
    texts = [*FOUND[pattern], *PASSED_BY[pattern]]
    done = apply("pdf.redact", written(*texts), PDF, patterns=[pattern], dpi=100)
    found = {texts[int(one["where"].split()[1]) - 1] for one in done.report["findings"]}
    assert found == set(FOUND[pattern])
    assert done.report[pattern] == len(FOUND[pattern])


WORDS = [
    ("Quastenflosser", ["Quastenflosser", "QUASTENFLOSSER", "Mrs Quastenflosser's", "Quasten-\nflosser",
                        "Quasten\nflosser", "Q u a s t e n f l o s s e r", "Quastenflosserin"], ["Quasten flossen"]),
    ("Ott Hu", ["Ott Hu", "Ott\nHu", "Ott  Hu", "Ott-Ott Hu"], ["Otto Hu", "Ott and Hu"]),
    ("Müller", ["Müller", "Muller", "M¨uller", "Mül-\nler"], ["Mueller"]),
    ("a.b*c", ["a.b*c"], ["aab*c", "a.bbc"]),
]  # fmt: skip


@pytest.mark.parametrize(("word", "hits", "misses"), WORDS)
def test_words_and_phrases(apply, word, hits, misses):
    texts = [*hits, *misses]
    done = apply("pdf.redact", written(*texts), PDF, words=[word], dpi=100)
    assert {texts[int(one["where"].split()[1]) - 1] for one in done.report["findings"]} == set(hits)


def test_capital_letters_matter_where_they_are_asked_for(apply):
    done = apply("pdf.redact", written("Rose", "rose"), PDF, words=["Rose"], any_case=False, dpi=100)
    assert pdf_texts(done.content) == ["", "rose"]


def _scan(text: str) -> bytes:
    """A page that is a picture of a text."""
    image = Image.new("L", (1654, 2339), 255)
    font = ImageFont.load_default(48)
    for number, line in enumerate(text.split("\n")):
        ImageDraw.Draw(image).text((150, 200 + 80 * number), line, fill=0, font=font)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    canvas.drawImage(ImageReader(image), 0, 0, 595, 842)
    canvas.showPage()
    canvas.drawString(50, 700, "Second")
    canvas.save()
    return out.getvalue()


SCAN = _scan("Dear Mrs Quastenflosser,\nplease write to ana@aster.example today.\nYours sincerely")


def test_a_scan_is_refused_unless_something_else_is_asked_for(apply, code):
    assert code("pdf.redact", SCAN, PDF, words=[SECRET]) == "not_searchable"
    kept = apply("pdf.redact", SCAN, PDF, words=[SECRET], unsearchable="keep")
    assert (kept.report["pages_not_searchable"], kept.report["pages_as_pictures"]) == (1, 0)
    assert [(one["code"], one["where"]) for one in kept.report["findings"]] == [("not_searchable", "page 1")]
    assert ImageChops.difference(picture(SCAN), picture(kept.content)).getextrema()[1] < 8


@ocr
def test_a_scan_is_read_where_ocr_is_asked_for(apply):
    done = apply("pdf.redact", SCAN, PDF, words=[SECRET], patterns=["email"], unsearchable="ocr")
    assert (done.report["word"], done.report["email"], done.report["pages_read"]) == (1, 1, 1)
    again = apply("pdf.redact", done.content, PDF, words=["sincerely", SECRET, "ana@aster"], unsearchable="ocr")
    assert again.report["word"] == 1  # what was found is in no pixel any more, the rest can still be read


def test_a_font_that_does_not_say_its_letters_is_not_searchable(code):
    def garble(document) -> None:
        for page in document.pages:
            for font in page.Resources.Font.as_dict().values():
                font.ToUnicode = document.make_stream(
                    b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange "
                    b"1 beginbfrange <00> <ff> <E000> endbfrange endcmap end"
                )

    assert code("pdf.redact", changed(written("Some text"), garble), PDF, words=[SECRET]) == "not_searchable"


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_black_where_a_reader_sees_the_word(apply, turn):
    def rotate(document) -> None:
        document.pages[0].Rotate = turn

    word, given = (changed(written(text), rotate) for text in (SECRET, f"{SECRET}\nand others"))
    done = apply("pdf.redact", given, PDF, words=[SECRET])
    place = ImageChops.invert(picture(word, scale=2)).getbbox()
    black = picture(done.content, scale=2).filter(ImageFilter.MaxFilter(9)).point(lambda value: 255 * (value < 40))
    covered = black.getbbox()
    for edge, other, outward in zip(place, covered, (-1, -1, 1, 1), strict=True):
        assert -4 <= outward * (other - edge) <= 16  # four were lost to the filter


def test_pages_of_a_document_share_what_they_inherit(apply):
    def inherit(document) -> None:
        parent = document.Root.Pages
        for page in document.pages:
            parent.Resources, parent.MediaBox = page.obj.Resources, page.obj.MediaBox
            del page.obj.Resources, page.obj.MediaBox

    given = changed(written("First", "Second"), inherit)
    done = apply("pdf.redact", given, PDF, words=["Second"], dpi=100)
    assert pdf_texts(done.content) == ["First", ""]
    assert ImageChops.difference(picture(given), picture(done.content)).getextrema()[1] < 8


def _locked(content: bytes) -> bytes:
    return changed(content, lambda document: None, encryption=pikepdf.Encryption(owner="o", user="secret"))


def _signed(content: bytes) -> bytes:
    def sign(document) -> None:
        document.Root.AcroForm = Dictionary(SigFlags=3, Fields=Array([]))

    return changed(content, sign)


def _pages(count: int) -> bytes:
    document, out = pikepdf.new(), io.BytesIO()
    for _ in range(count):
        document.add_blank_page(page_size=(100, 100))
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"", "corrupt"),
        (LETTER[:300], "corrupt"),
        (_locked(LETTER), "password_protected"),
        (_signed(LETTER), "signed"),
        (_pages(2001), "too_many_pages"),
        (written(SECRET, size=(14400, 14400)), "picture_too_large"),
    ],
    ids=["empty", "cut", "password", "signed", "many", "large"],
)
def test_a_document_that_cannot_be_redacted_has_a_code(code, given, expected):
    assert code("pdf.redact", given, PDF, words=[SECRET]) == expected


def test_no_text_makes_the_search_slow(apply):
    texts = ["+1 " * 9000, "1 " * 9000, "a" * 20_000, "a@" * 9000, "DE89 " * 5000, "a-" * 9000]
    pages = ["\n".join(text[at : at + 1000] for at in range(0, len(text), 1000)) for text in texts]
    begun = time.monotonic()
    patterns = ["iban", "card", "email", "phone"]
    apply("pdf.redact", written(*pages, size=(9000, 600)), PDF, patterns=patterns, words=["aaaaaaaaab"], dpi=100)
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({}, "must look for a pattern or a word"),
        ({"words": ["ab"]}, "at least 3 characters"),
        ({"words": ["   "]}, "at least 3 characters"),
        ({"words": ["x" * 81]}, "at most 80 characters"),
        ({"words": ["word"] * 51}, "at most 50 items"),
        ({"patterns": ["passport"]}, "patterns"),
        ({"patterns": ["iban"], "dpi": 600}, "dpi"),
    ],
)
def test_parameters_that_it_does_not_take(parameters, says):
    with pytest.raises(StepParametersInvalid) as refused:
        step_parse("pdf.redact", parameters)
    assert says in refused.value.sentence


def test_mutations():
    assert mutations(
        "pdf.redact", LETTER, PDF, patterns=["email"], words=[SECRET], count=25, unsearchable="keep", dpi=100
    )["ok"]
