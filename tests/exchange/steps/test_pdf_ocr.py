"""pdf.ocr: words that are seen become words that are found."""

import io

import pikepdf
import pypdfium2
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from exchange.sandbox import tool_missing
from exchange.sandbox.tools import ocr_languages
from exchange.steps.base import PDF, StepParametersInvalid
from exchange.steps.pdf_ocr import Ocr
from exchange.steps.registry import step_parse
from tests.documents import pdf, pdf_texts
from tests.exchange.steps.mutations import mutations
from tests.files.make_samples import FOLDER, scan, scanned

STEP = "pdf.ocr"
SAMPLE = FOLDER / "scan.pdf"

pytestmark = pytest.mark.skipif(tool_missing("tesseract") is not None, reason="Tesseract is not installed")


def changed(content: bytes, change, **saved) -> bytes:
    """A PDF after `change(document)`."""
    with pikepdf.open(io.BytesIO(content)) as document:
        change(document)
        out = io.BytesIO()
        document.save(out, **saved)
    return out.getvalue()


@pytest.fixture
def mixed(tmp_path) -> bytes:
    """A page that is a picture, then one of text."""
    scan(tmp_path / "scan.pdf", "Invoice number 4711")
    typed = pdf(tmp_path / "typed.pdf", pages=1)
    with pikepdf.open(tmp_path / "scan.pdf") as document, pikepdf.open(typed) as more:
        document.pages.extend(more.pages)
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def test_a_scan_is_read_and_looks_as_before(apply):
    done = apply(STEP, SAMPLE.read_bytes(), PDF)
    assert "The quick brown fox" in pdf_texts(done.content)[0]
    assert done.report == {"pages": 1}
    before, after = (
        pypdfium2.PdfDocument(content)[0].render(scale=1).to_pil().tobytes()
        for content in (SAMPLE.read_bytes(), done.content)
    )
    assert before == after


def test_pages_with_text_are_skipped_or_read_anew(apply, mixed):
    skipped = apply(STEP, mixed, PDF)
    assert "4711" in pdf_texts(skipped.content)[0]
    assert pdf_texts(skipped.content)[1] == pdf_texts(mixed)[1]
    replaced = apply(STEP, mixed, PDF, text="replace")
    assert "Every party keeps one copy" in pdf_texts(replaced.content)[1]
    with pikepdf.open(io.BytesIO(replaced.content)) as document:
        assert "/Helvetica" not in str(document.pages[1].resources)


def test_a_page_is_read_as_it_is_shown(apply, tmp_path):
    canvas = Canvas(str(tmp_path / "turned.pdf"), pagesize=(A4[1], A4[0]))
    canvas.drawImage(ImageReader(scanned("Invoice number 4711").rotate(90, expand=True)), 0, 0, A4[1], A4[0])
    canvas.save()
    turned = changed(
        (tmp_path / "turned.pdf").read_bytes(), lambda document: document.pages[0].rotate(90, relative=True)
    )
    done = apply(STEP, turned, PDF)
    assert "Invoice number 4711" in pdf_texts(done.content)[0]
    assert pypdfium2.PdfDocument(done.content)[0].get_size() == pypdfium2.PdfDocument(turned)[0].get_size()


@pytest.mark.skipif("deu" not in ocr_languages(), reason="Tesseract has no German here")
def test_a_language_makes_its_letters(apply, tmp_path):
    scan(tmp_path / "scan.pdf", "Schöne Grüße aus Köln")
    done = apply(STEP, (tmp_path / "scan.pdf").read_bytes(), PDF, languages=["deu"])
    assert "Schöne Grüße aus Köln" in pdf_texts(done.content)[0]


def large(document) -> None:
    document.pages[0].mediabox = pikepdf.Array([0, 0, 14_400, 14_400])


def wide(document) -> None:
    picture = next(iter(document.pages[0].resources.XObject.values()))
    picture.Width = picture.Height = 20_000


def signed(document) -> None:
    document.Root.AcroForm = pikepdf.Dictionary(SigFlags=3, Fields=pikepdf.Array([]))


def dynamic(document) -> None:
    document.Root.NeedsRendering = True


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda content: b"", "corrupt"),
        (lambda content: content[:300], "corrupt"),
        (lambda content: b"\x89PNG\r\n", "corrupt"),
        (lambda content: changed(content, large), "picture_too_large"),
        (lambda content: changed(content, wide), "picture_too_large"),
        (lambda content: changed(content, signed), "signed"),
        (lambda content: changed(content, dynamic), "dynamic_form"),
        (
            lambda content: changed(content, lambda _: None, encryption=pikepdf.Encryption(owner="o", user="u")),
            "password_protected",
        ),
    ],
    ids=["empty", "cut", "picture", "large-page", "large-picture", "signed", "dynamic", "password"],
)
def test_what_cannot_be_read_has_a_code(code, damage, expected):
    assert code(STEP, damage(SAMPLE.read_bytes()), PDF) == expected


def test_languages_are_those_of_this_server():
    assert Ocr.model_json_schema()["properties"]["languages"]["items"]["enum"] == ocr_languages()
    with pytest.raises(StepParametersInvalid) as refused:
        step_parse(STEP, {"languages": ["tlh"]})
    assert "must be among the languages of this server: " in refused.value.sentence


def test_mutations():
    assert mutations(STEP, SAMPLE.read_bytes(), PDF, count=5, seconds=30)["ok"]
