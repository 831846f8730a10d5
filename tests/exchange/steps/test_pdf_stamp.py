"""pdf.stamp: every page, whichever way it lies, and nothing else of the document."""

import io

import pikepdf
import pypdfium2
import pytest

from exchange.steps.base import PDF, StepParametersInvalid, StepUnknown
from exchange.steps.registry import step_parse
from tests.documents import pdf, pdf_texts
from tests.exchange.steps.mutations import mutations

ANA = "ana@aster.example"


@pytest.fixture
def contract(tmp_path) -> bytes:
    return pdf(tmp_path / "contract.pdf", pages=5).read_bytes()


def changed(content: bytes, change, **saved) -> bytes:
    """A PDF after `change(document)`."""
    with pikepdf.open(io.BytesIO(content)) as document:
        change(document)
        out = io.BytesIO()
        document.save(out, **saved)
    return out.getvalue()


def dark_pixels(content: bytes, page: int = 0) -> int:
    """How much of a rendered page is not white."""
    document = pypdfium2.PdfDocument(content)
    picture = document[page].render(scale=0.5).to_pil().convert("L")
    return sum(value < 250 for value in picture.tobytes())


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


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda content: b"", "corrupt"),
        (lambda content: content[:300], "corrupt"),
        (lambda content: b"%PDF-1.7\n" + bytes(1000), "corrupt"),
        (lambda content: b"PK\x03\x04 not a pdf", "corrupt"),
        (lambda content: changed(content, lambda document: document.pages.__delitem__(slice(None))), "corrupt"),
        (
            lambda content: changed(
                content, lambda document: None, encryption=pikepdf.Encryption(owner="o", user="secret")
            ),
            "password_protected",
        ),
        (
            lambda content: changed(content, lambda document: None, encryption=pikepdf.Encryption(owner="o", user="")),
            "password_protected",
        ),
        (
            lambda content: changed(
                content,
                lambda document: document.Root.__setitem__(
                    "/AcroForm", pikepdf.Dictionary(SigFlags=3, Fields=pikepdf.Array([]))
                ),
            ),
            "signed",
        ),
    ],
    ids=["empty", "cut", "zeros", "zip", "no-pages", "password", "owner-password", "signed"],
)
def test_a_document_that_cannot_be_stamped_has_a_code(code, contract, damage, expected):
    assert code("pdf.stamp", damage(contract), PDF, text="X") == expected


def test_too_many_pages(code):
    document = pikepdf.new()
    for _ in range(2001):
        document.add_blank_page(page_size=(100, 100))
    out = io.BytesIO()
    document.save(out)
    assert code("pdf.stamp", out.getvalue(), PDF, text="X") == "too_many_pages"


@pytest.mark.parametrize(
    ("name", "parameters", "says"),
    [
        ("pdf.stamp", {}, "text"),
        ("pdf.stamp", {"text": ""}, "text"),
        ("pdf.stamp", {"text": "x" * 201}, "text"),
        ("pdf.stamp", {"text": "two\nlines"}, "must be one line of text"),
        ("pdf.stamp", {"text": "{subject}"}, "may use {recipient}, {sender}, {date} and {message} and no other braces"),
        ("pdf.stamp", {"text": "日本"}, "can only be written in Latin letters"),
        ("pdf.stamp", {"text": "x", "opacity": 2}, "opacity"),
        ("pdf.stamp", {"text": "x", "position": "left"}, "position"),
        ("pdf.stamp", {"text": "x", "colour": "red"}, "colour"),
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
