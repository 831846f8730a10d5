"""preview.render: small pictures of pages."""

import io
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from exchange.steps.base import PDF, StepParametersInvalid
from exchange.steps.registry import step_parse
from tests.documents import pdf
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.pictures import MARK, corners, opened, pages, photo, png_claiming, saved, shapes

LETTER = (Path(__file__).parents[2] / "files" / "pixels" / "letter.pdf").read_bytes()


def test_a_picture_of_each_page(apply):
    done = apply("preview.render", LETTER, PDF, width=300)
    assert list(done.parts) == ["contract, page 1.png", "contract, page 2.png"]
    for content in done.parts.values():
        image = opened(content)
        assert (image.format, image.width, image.mode) == ("PNG", 300, "RGB")
        assert image.height == pytest.approx(300 * 842 / 595, abs=1)
        assert min(image.convert("L").tobytes()) < 100  # something is drawn
    assert done.report == {"pages": 2}


def test_a_range_of_pages_in_webp(apply, code, tmp_path):
    content = pdf(tmp_path / "five.pdf", pages=5).read_bytes()
    done = apply("preview.render", content, PDF, first_page=4, last_page=9, format="webp", width=100)
    assert list(done.parts) == ["contract, page 4.webp", "contract, page 5.webp"]
    assert {opened(part).format for part in done.parts.values()} == {"WEBP"}
    assert code("preview.render", content, PDF, first_page=6) == "page_missing"


@pytest.mark.parametrize(
    ("content", "media_type", "width", "size", "drawn"),
    [
        (saved(shapes(), "PNG"), "image/png", 60, (60, 40), "bwwo"),
        (saved(shapes(), "PNG"), "image/png", 400, (120, 80), "bwwo"),
        (photo(), "image/jpeg", 40, (40, 60), "wbow"),
        (saved(shapes("CMYK"), "TIFF"), "image/tiff", 60, (60, 40), "bwwo"),
    ],
    ids=["png", "small-stays-small", "turned", "cmyk"],
)
def test_pictures(apply, content, media_type, width, size, drawn):
    done = apply("preview.render", content, media_type, width=width)
    (part,) = done.parts.values()
    assert (opened(part).size, corners(opened(part))) == (size, drawn)
    assert MARK not in part


def test_every_page_of_a_tiff(apply):
    assert len(apply("preview.render", pages(3), "image/tiff", width=60).parts) == 3


def _page(width: float, height: float, count: int = 1) -> bytes:
    document, out = pikepdf.new(), io.BytesIO()
    for _ in range(count):
        document.add_blank_page(page_size=(width, height))
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("page", "size"), [((100, 10_000), (32, 3200)), ((10_000, 10), (400, 1)), ((14_400, 14_400), (400, 400))]
)
def test_pages_of_odd_shapes_are_bounded(apply, page, size):
    (part,) = apply("preview.render", _page(*page), PDF, width=400).parts.values()
    assert opened(part).size == size


@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (b"", PDF, "corrupt"),
        (LETTER[:200], PDF, "corrupt"),
        (_page(100, 100, 2001), PDF, "too_many_pages"),
        (png_claiming(50_000, 50_000), "image/png", "picture_too_large"),
        (png_claiming(30_001, 10), "image/png", "picture_too_large"),
    ],
    ids=["empty", "cut", "many", "bomb", "long"],
)
def test_a_document_that_cannot_be_drawn_has_a_code(code, content, media_type, expected):
    assert code("preview.render", content, media_type) == expected


def test_a_page_of_a_tiff_that_is_far_larger_than_the_first(code):
    large = Image.new("1", (11_000, 10_000))
    content = saved(shapes("1"), "TIFF", compression="group4", save_all=True, append_images=[large])
    assert len(content) < 10_000
    assert code("preview.render", content, "image/tiff") == "picture_too_large"


def test_a_protected_document(code):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(LETTER)) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="o", user="secret"))
    assert code("preview.render", out.getvalue(), PDF) == "password_protected"


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"first_page": 5, "last_page": 4}, "must be from one page to a later one, of at most 200 at once"),
        ({"first_page": 1, "last_page": 201}, "must be from one page to a later one, of at most 200 at once"),
        ({"width": 31}, "width"),
        ({"format": "gif"}, "format"),
    ],
)
def test_parameters_that_it_does_not_take(parameters, says):
    with pytest.raises(StepParametersInvalid) as refused:
        step_parse("preview.render", parameters)
    assert says in refused.value.sentence


def test_mutations():
    assert mutations("preview.render", LETTER, PDF, count=20, width=100)["ok"]
