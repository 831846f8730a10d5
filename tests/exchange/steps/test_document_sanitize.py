"""document.sanitize: the same pages as pixels, and nothing else of the document."""

import io
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import ImageChops, ImageStat

from exchange.sandbox import tool_missing
from exchange.steps.base import PDF, StepParametersInvalid
from exchange.steps.registry import step_parse
from tests.documents import pdf_texts
from tests.exchange.steps import pictures
from tests.exchange.steps.mutations import mutations

LETTER = (Path(__file__).parents[2] / "files" / "pixels" / "letter.pdf").read_bytes()
ocr = pytest.mark.skipif(tool_missing("tesseract") is not None, reason="Tesseract is not installed")


def shown(content: bytes, page: int = 0, scale: float = 1.0):
    return pypdfium2.PdfDocument(content)[page].render(scale=scale).to_pil().convert("RGB")


def changed(content: bytes, change, **saved) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as document:
        change(document)
        out = io.BytesIO()
        document.save(out, **saved)
    return out.getvalue()


def only_pictures(content: bytes) -> bool:
    """Whether a PDF is pages of one picture each and nothing else at all."""
    with pikepdf.open(io.BytesIO(content)) as document:
        assert set(document.Root.keys()) <= {"/Type", "/Pages", "/PageLayout", "/ViewerPreferences", "/PageMode"}
        assert not document.docinfo
        for page in document.pages:
            assert set(page.obj.keys()) <= {
                "/Type", "/Parent", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents",
            }  # fmt: skip
            assert set(page.Resources.keys()) == {"/XObject"}
            assert [one.Subtype for one in page.Resources.XObject.as_dict().values()] == [Name.Image]
    return True


def test_pages_look_the_same_and_are_pictures(apply):
    done = apply("document.sanitize", LETTER, PDF)
    assert only_pictures(done.content)
    assert pdf_texts(done.content) == ["", ""]
    assert b"Quastenflosser" not in done.content
    assert done.report == {"pages": 2}
    for number, (before, after) in enumerate(
        zip(pypdfium2.PdfDocument(LETTER), pypdfium2.PdfDocument(done.content), strict=True)
    ):
        assert before.get_size() == pytest.approx(after.get_size(), abs=1)
        size = shown(LETTER, number).size
        apart = ImageChops.difference(shown(LETTER, number), shown(done.content, number).resize(size))
        assert max(ImageStat.Stat(apart).mean) < 2.5
    assert min(shown(done.content).convert("L").tobytes()) < 80


def _armed(document) -> None:
    """What attacks and what tells, in one document."""
    page = document.pages[0]
    script = Dictionary(S=Name.JavaScript, JS="app.alert('Quastenflosser')")
    document.Root.OpenAction = script
    document.attachments["run.exe"] = b"MZ Quastenflosser"
    link = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 500, 800], A=Dictionary(S=Name.Launch, F="calc.exe")
    )
    page.Annots = Array([document.make_indirect(link)])
    page.AA = Dictionary(O=script)
    document.docinfo["/Author"] = "Quastenflosser"


def test_scripts_attachments_links_and_metadata_do_not_cross(apply):
    done = apply("document.sanitize", changed(LETTER, _armed), PDF, dpi=72)
    assert only_pictures(done.content)


def test_a_filled_field_is_seen_in_the_copy(apply):
    def fill(document) -> None:
        page = document.pages[1]
        look = document.make_stream(b"0 g 0 0 100 40 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 100, 40])
        field = document.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="a", V="1", Rect=[100, 100, 200, 140],
                       AP=Dictionary(N=look), F=4)
        )  # fmt: skip
        page.Annots = Array([field])
        document.Root.AcroForm = Dictionary(Fields=Array([field]))

    done = apply("document.sanitize", changed(LETTER, fill), PDF, dpi=72)
    assert max(shown(done.content, 1).convert("L").crop((110, 705, 190, 735)).tobytes()) < 40


@pytest.mark.parametrize(
    ("content", "media_type", "corners"),
    [
        (pictures.saved(pictures.shapes(), "PNG"), "image/png", "bwwo"),
        (pictures.saved(pictures.shapes("RGBA"), "PNG"), "image/png", "bwwo"),
        (pictures.photo(), "image/jpeg", "wbow"),
        (pictures.saved(pictures.shapes("CMYK"), "TIFF"), "image/tiff", "bwwo"),
    ],
    ids=["png", "see-through", "turned photo", "cmyk"],
)
def test_pictures_become_a_page(apply, content, media_type, corners):
    done = apply("document.sanitize", content, media_type)
    assert only_pictures(done.content)
    assert pictures.corners(shown(done.content, scale=2)) == corners
    assert pictures.MARK not in done.content


def test_pages_of_a_tiff_and_the_first_picture_of_an_animation(apply):
    assert apply("document.sanitize", pictures.pages(3), "image/tiff").report == {"pages": 3}
    done = apply("document.sanitize", pictures.animation(), "image/gif")
    assert pictures.corners(shown(done.content, scale=2)) == "bwwo"
    assert [one["code"] for one in done.report["findings"]] == ["first_frame_only"]


def test_a_picture_of_many_pixels_is_no_poster(apply):
    done = apply("document.sanitize", pictures.saved(pictures.shapes(size=(4000, 3000)), "JPEG"), "image/jpeg")
    assert pypdfium2.PdfDocument(done.content)[0].get_size() == pytest.approx((842, 631), abs=1)
    with pikepdf.open(io.BytesIO(done.content)) as document:
        (image,) = document.pages[0].Resources.XObject.as_dict().values()
        assert (image.Width, image.Height) == (4000, 3000)


@ocr
def test_text_that_was_read_can_be_searched(apply):
    done = apply("document.sanitize", LETTER, PDF, ocr=True, languages=["eng"])
    first, second = pdf_texts(done.content)
    assert "Quastenflosser" in first
    assert "This page names nobody" in second.replace("\r\n", " ")
    assert done.report == {"pages": 2, "pages_read": 2}
    plain = apply("document.sanitize", LETTER, PDF)
    assert ImageChops.difference(shown(done.content), shown(plain.content)).convert("L").getextrema()[1] < 8


def test_the_program_for_ocr_is_needed_only_for_it():
    assert step_parse("document.sanitize", {}).needs() == ()
    assert step_parse("document.sanitize", {"ocr": True}).needs() == ("tesseract",)


def _pages(count: int, side: int = 100) -> bytes:
    document, out = pikepdf.new(), io.BytesIO()
    for _ in range(count):
        document.add_blank_page(page_size=(side, side))
    document.save(out)
    return out.getvalue()


def _locked(content: bytes) -> bytes:
    return changed(content, lambda document: None, encryption=pikepdf.Encryption(owner="o", user="secret"))


def _form_of_scripts(document) -> None:
    document.Root.AcroForm = Dictionary(
        Fields=Array([]), XFA=document.make_stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")
    )
    document.Root.NeedsRendering = True


@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (b"", PDF, "corrupt"),
        (LETTER[:300], PDF, "corrupt"),
        (b"PK\x03\x04 not a pdf", PDF, "corrupt"),
        (pictures.photo(), PDF, "corrupt"),
        (_locked(LETTER), PDF, "password_protected"),
        (changed(LETTER, _form_of_scripts), PDF, "dynamic_form"),
        (_pages(2001), PDF, "too_many_pages"),
        (_pages(1, 14_400), PDF, "picture_too_large"),
        (pictures.saved(pictures.shapes(), "PNG"), "image/jpeg", "corrupt"),
        (pictures.png_claiming(10_001, 10_000), "image/png", "picture_too_large"),
    ],
    ids=["empty", "cut", "zip", "photo", "password", "dynamic", "many", "large", "other-type", "bomb"],
)  # fmt: skip
def test_a_document_of_which_no_copy_can_be_made_has_a_code(code, content, media_type, expected):
    assert code("document.sanitize", content, media_type) == expected


@pytest.mark.parametrize("parameters", [{"dpi": 71}, {"dpi": 301}, {"languages": []}, {"languages": ["fra"]}, {"x": 1}])
def test_parameters_that_it_does_not_take(parameters):
    with pytest.raises(StepParametersInvalid):
        step_parse("document.sanitize", parameters)


def test_mutations():
    assert mutations("document.sanitize", LETTER, PDF, count=20, dpi=72)["ok"]
