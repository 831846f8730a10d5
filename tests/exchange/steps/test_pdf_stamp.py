"""pdf.stamp: every page, whichever way it lies, and nothing else of the document."""

import io

import fontpkg_noto_sans
import pikepdf
import pypdfium2
import pytest
from PIL import ImageOps
from reportlab.pdfbase.ttfonts import TTFont

from exchange.steps.base import PDF, StepParametersInvalid, StepUnknown
from exchange.steps.letters import letters_writable
from exchange.steps.registry import step_parse
from tests.documents import pdf, pdf_texts
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.pdfs import blank, changed, pixels

ANA = "ana@aster.example"


@pytest.fixture
def contract(tmp_path) -> bytes:
    return pdf(tmp_path / "contract.pdf", pages=5).read_bytes()


def dark_pixels(content: bytes, page: int = 0) -> int:
    """How much of a rendered page is not white."""
    return sum(value < 250 for value in pixels(content, page).tobytes())


def inked(content: bytes) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is not white on a page."""
    return ImageOps.invert(pixels(content, scale=1)).getbbox()


@pytest.mark.parametrize("position", ["diagonal", "top", "bottom"])
def test_every_page_carries_the_text_and_keeps_its_own(apply, contract, position):
    done = apply("pdf.stamp", contract, PDF, text="For {recipient}, {date}", recipient=ANA, position=position)
    texts = pdf_texts(done.content)
    assert len(texts) == 5
    for number, text in enumerate(texts, 1):
        assert f"For {ANA}, 2026-11-24" in text.replace("\r\n", "")
        assert f"page {number} of 5" in text
    assert done.report == {"pages": 5}


@pytest.mark.parametrize("turn", [0, 90, 180, 270, -90])
def test_a_turned_page_is_stamped_where_a_reader_sees_it(apply, contract, turn):
    def rotate(document) -> None:
        for page in document.pages:
            page.Rotate = turn

    turned = changed(contract, rotate)
    done = apply("pdf.stamp", turned, PDF, text="TURNED", position="top")
    for before, after in zip(pypdfium2.PdfDocument(turned), pypdfium2.PdfDocument(done.content), strict=True):
        assert before.get_size() == after.get_size()
        before_top, after_top = (page.render(scale=1).to_pil().convert("L") for page in (before, after))
        strip = (0, 0, before_top.width, 30)
        assert after_top.crop(strip).tobytes() != before_top.crop(strip).tobytes()


def test_a_cropped_page_is_stamped_inside_what_is_shown(apply, contract):
    def crop(document) -> None:
        for page in document.pages:
            page.cropbox = pikepdf.Array([200, 300, 400, 500])

    cropped = changed(contract, crop)
    done = apply("pdf.stamp", cropped, PDF, text="X", opacity=1)
    assert dark_pixels(done.content) > dark_pixels(cropped)


def test_links_forms_and_bookmarks_stay(apply, contract):
    def add(document) -> None:
        page = document.pages[0]
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 10, 10],
            A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://aster.example"),
        )  # fmt: skip
        field = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="amount", V="12",
                Rect=[0, 0, 50, 10],
            )
        )  # fmt: skip
        page.Annots = pikepdf.Array([document.make_indirect(link), field])
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
        with document.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("First", 0))

    done = apply("pdf.stamp", changed(contract, add), PDF, text="X")
    with pikepdf.open(io.BytesIO(done.content)) as document:
        link, field = document.pages[0].Annots
        assert str(link.A.URI) == "https://aster.example"
        assert (str(field.T), str(field.V)) == ("amount", "12")
        assert document.Root.AcroForm.Fields[0].objgen == field.objgen
        with document.open_outline() as outline:
            assert [item.title for item in outline.root] == ["First"]


def test_a_page_whose_content_leaves_the_graphics_state_changed_is_stamped_all_the_same(apply, contract):
    def leave(document) -> None:
        for page in document.pages:
            page.contents_add(b"q 0 0 0 0 0 0 cm 0 0 0 rg", prepend=False)

    done = apply("pdf.stamp", changed(contract, leave), PDF, text="LEFT OPEN", opacity=1)
    assert dark_pixels(done.content) > dark_pixels(contract) * 1.05


ALPHABETS = (
    ("Fußgänger für 5 €, „Maß“", "Zażółć gęślą jaźń", "Độc lập – Tự do", "İstanbul ığüşöç", "Þjóðskrá æ", "Ẹ kú àárọ̀"),
    ("Ελληνικά ἀρχὴ", "Конфиденциально", "Ґрунт їжак є", "Құпия әңгіме", "Məxfi sənəd", "₴ ₽ ₺ ₹ № ™"),
)


@pytest.mark.parametrize("texts", ALPHABETS, ids=["latin", "further"])
def test_letters_of_many_languages_are_written_and_can_be_found(apply, contract, texts):
    done = apply("pdf.stamp", contract, PDF, text=" / ".join(texts), position="bottom")
    assert [text for text in texts if text not in pdf_texts(done.content)[4]] == []


@pytest.mark.parametrize("text", ["日本", "한국어", "عربي", "עברית", "हिन्दी", "ไทย", "❤", "a\u200bb", "a\u202eb", "𝒳"])
def test_letters_that_cannot_be_written_are_refused_before_anything_is_sent(text):
    with pytest.raises(StepParametersInvalid) as refused:
        step_parse("pdf.stamp", {"text": text})
    assert "text" in refused.value.sentence


def test_the_font_has_every_letter_that_is_taken():
    face = TTFont("Noto Sans", fontpkg_noto_sans.ROOT / "files" / "NotoSans[wdth,wght].ttf").face
    taken = {chr(point) for point in range(0x110000) if letters_writable(chr(point))}
    assert len(taken) > 2000
    assert {letter for letter in taken if ord(letter) not in face.charToGlyph} == set()


def test_a_name_that_cannot_be_written_does_not_stop_the_rest(apply, contract):
    done = apply("pdf.stamp", contract, PDF, text="For {recipient}", recipient="日本@aster.example", position="top")
    assert "For ??@aster.example" in pdf_texts(done.content)[0]


@pytest.mark.parametrize("vertical", ["top", "bottom"])
@pytest.mark.parametrize("horizontal", ["left", "", "right"])
def test_a_stamp_is_where_it_was_wanted(apply, vertical, horizontal):
    sheet = changed(blank(1), lambda document: document.pages[0].__setattr__("mediabox", [0, 0, 400, 300]))
    position = f"{vertical}-{horizontal}".rstrip("-")
    left, top, right, bottom = inked(apply("pdf.stamp", sheet, PDF, text="Draft", opacity=1, position=position).content)
    assert (top < 40) == (vertical == "top") and (bottom > 260) == (vertical == "bottom")
    assert (left < 30) == (horizontal == "left") and (right > 370) == (horizontal == "right")


@pytest.mark.parametrize(
    ("colour", "strongest"), [("red", {0}), ("green", {1}), ("blue", {2}), ("grey", {0, 1, 2}), ("black", {0, 1, 2})]
)
def test_colours(apply, colour, strongest):
    done = apply("pdf.stamp", blank(1), PDF, text="XXXX", opacity=1, colour=colour)
    shown = pypdfium2.PdfDocument(done.content)[0].render(scale=4).to_pil().convert("RGB")
    darkest = min(shown.get_flattened_data(), key=sum)
    assert {channel for channel in range(3) if darkest[channel] == max(darkest)} == strongest
    assert (max(darkest) < 20) == (colour == "black")


def test_opacity(apply):
    def darkest(opacity: float) -> int:
        return min(pixels(apply("pdf.stamp", blank(1), PDF, text="XXXX", opacity=opacity).content, scale=4).tobytes())

    assert 240 > darkest(0.1) > darkest(0.5) + 40 > darkest(1) + 80


def test_the_font_is_embedded_once_whatever_the_sizes_of_pages(apply):
    def size(document) -> None:
        for number, page in enumerate(document.pages):
            page.mediabox = [0, 0, 200 + number, 200]

    done = apply("pdf.stamp", changed(blank(300), size), PDF, text="Конфиденциально")
    with pikepdf.open(io.BytesIO(done.content)) as document:
        fonts = [entry for entry in document.objects if isinstance(entry, pikepdf.Dictionary) and "/FontFile2" in entry]
    assert len(fonts) == 1
    assert len(done.content) < 400_000


@pytest.mark.parametrize(
    ("name", "parameters", "says"),
    [
        ("pdf.stamp", {}, "text"),
        ("pdf.stamp", {"text": ""}, "text"),
        ("pdf.stamp", {"text": "x" * 201}, "text"),
        ("pdf.stamp", {"text": "two\nlines"}, "must be one line of text"),
        ("pdf.stamp", {"text": "{subject}"}, "may use {recipient}, {sender}, {date} and {message} and no other braces"),
        ("pdf.stamp", {"text": "日本"}, "can be written in Latin, Greek and Cyrillic letters, and in no others"),
        ("pdf.stamp", {"text": "x", "opacity": 2}, "opacity"),
        ("pdf.stamp", {"text": "x", "position": "left"}, "position"),
        ("pdf.stamp", {"text": "x", "colour": "pink"}, "colour"),
        ("file.scrub", {"what": "all"}, "what"),
    ],
)
def test_parameters_that_a_step_does_not_take_are_named(name, parameters, says):
    with pytest.raises(StepParametersInvalid) as refused:
        step_parse(name, parameters)
    assert says in refused.value.sentence
    assert refused.value.sentence.endswith("Nothing was sent.")
    assert refused.value.members["field"] in {*parameters, "text"}


def test_a_step_that_does_not_exist():
    with pytest.raises(StepUnknown):
        step_parse("pdf.print", {})


def test_only_a_text_that_names_the_recipient_makes_a_copy_for_each():
    assert step_parse("pdf.stamp", {"text": "For {recipient}"}).per_recipient()
    assert not step_parse("pdf.stamp", {"text": "Draft {date}"}).per_recipient()


def test_mutations(contract):
    assert mutations("pdf.stamp", contract, PDF, text="Draft")["ok"]
