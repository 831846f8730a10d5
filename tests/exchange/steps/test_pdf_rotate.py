"""pdf.rotate: the pages that were meant, from the way they lay."""

import pypdfium2
import pytest

from exchange.steps.base import PDF, StepParametersInvalid
from exchange.steps.page_ranges import page_ranges
from exchange.steps.registry import step_parse
from tests.documents import pdf, pdf_texts
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.pdfs import changed, pixels


@pytest.fixture
def contract(tmp_path) -> bytes:
    return pdf(tmp_path / "contract.pdf", pages=5).read_bytes()


def turns(content: bytes) -> list[int]:
    return [page.get_rotation() for page in pypdfium2.PdfDocument(content)]


def lines(content: bytes) -> list[list[str]]:
    """A reader's order of lines goes with the turn."""
    return [sorted(text.splitlines()) for text in pdf_texts(content)]


@pytest.mark.parametrize(
    ("degrees", "pages", "expected"),
    [
        (90, "1-", [90, 90, 90, 90, 90]),
        (180, "2-3", [0, 180, 180, 0, 0]),
        (270, "5, 1", [270, 0, 0, 0, 270]),
        (90, "1-2, 2-3", [90, 90, 90, 0, 0]),
        (90, "4–", [0, 0, 0, 90, 90]),
    ],
)
def test_pages_are_turned_once_and_no_others(apply, contract, degrees, pages, expected):
    done = apply("pdf.rotate", contract, PDF, degrees=degrees, pages=pages)
    assert turns(done.content) == expected
    assert lines(done.content) == lines(contract)
    assert done.report == {"pages": sum(turn > 0 for turn in expected)}


def test_all_pages_where_none_are_named_from_the_way_they_lay(apply, contract):
    lying = changed(contract, lambda document: [page.rotate(270, relative=False) for page in document.pages])
    done = apply("pdf.rotate", lying, PDF, degrees=180)
    assert turns(done.content) == [90] * 5


def test_clockwise_is_what_a_reader_sees(apply, contract):
    done = apply("pdf.rotate", contract, PDF, degrees=90)
    before = pixels(contract)
    assert pixels(done.content).size == (before.height, before.width)
    top = before.crop((0, 0, before.width, before.height // 2))
    right = pixels(done.content).crop((before.height // 2, 0, before.height, before.width))
    assert abs(sum(top.tobytes()) - sum(right.tobytes())) < sum(top.tobytes()) * 0.01


@pytest.mark.parametrize("pages", ["6", "1-6", "6-", "1, 99999"])
def test_a_page_that_is_not_there(code, contract, pages):
    assert code("pdf.rotate", contract, PDF, degrees=90, pages=pages) == "page_missing"


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({}, "degrees"),
        ({"degrees": 45}, "degrees"),
        *(
            ({"degrees": 90, "pages": pages}, "must be pages such as 1-3, 5, 8-")
            for pages in (" ", "a", "1,", "-3", "1--2", "0", "3-1", "1 2", "100000", "٣")
        ),
        ({"degrees": 90, "pages": "1," * 300}, "pages"),
    ],
)
def test_parameters_that_it_does_not_take(parameters, says):
    with pytest.raises(StepParametersInvalid) as refused:
        step_parse("pdf.rotate", parameters)
    assert says in refused.value.sentence


def test_ranges_as_people_type_them():
    assert page_ranges("1-3,5 , 8 - ") == [(1, 3), (5, 5), (8, None)]


def test_mutations(contract):
    assert mutations("pdf.rotate", contract, PDF, degrees=90)["ok"]
