"""pdf.split: the parts that were meant, by name, and nothing in them of other pages."""

import io

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from exchange.steps.base import PDF, StepParametersInvalid
from exchange.steps.registry import step_parse
from tests.documents import pdf, pdf_texts
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.pdfs import annotations_add, blank, bookmarks, changed, fields, form_add, link_add, words


@pytest.fixture
def contract(tmp_path) -> bytes:
    return pdf(tmp_path / "contract.pdf", pages=10).read_bytes()


def numbers(content: bytes) -> list[int]:
    return [int(text.split("page ")[1].split(" of")[0]) for text in pdf_texts(content)]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (
            {"pages": "1-3, 5, 8-"},
            {
                "contract (pages 1-3).pdf": [1, 2, 3],
                "contract (page 5).pdf": [5],
                "contract (pages 8-10).pdf": [8, 9, 10],
            },
        ),
        ({"pages": "9-, 9-10, 1"}, {"contract (pages 9-10).pdf": [9, 10], "contract (page 1).pdf": [1]}),
        (
            {"every": 4},
            {
                "contract (pages 1-4).pdf": [1, 2, 3, 4],
                "contract (pages 5-8).pdf": [5, 6, 7, 8],
                "contract (pages 9-10).pdf": [9, 10],
            },
        ),
        ({"every": 2000}, {"contract (pages 1-10).pdf": list(range(1, 11))}),
    ],
)  # fmt: skip
def test_parts_by_name(apply, contract, parameters, expected):
    done = apply("pdf.split", contract, PDF, **parameters)
    assert {name: numbers(part) for name, part in done.parts.items()} == expected
    assert list(done.parts) == list(expected)
    assert done.report["parts"] == len(expected)
    assert done.report["pages"] == sum(map(len, expected.values()))


def test_a_page_a_part(apply, contract):
    done = apply("pdf.split", contract, PDF, every=1)
    assert [numbers(part) for part in done.parts.values()] == [[number] for number in range(1, 11)]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("Contract.PDF", "Contract (page 1).pdf"),
        ("contract", "contract (page 1).pdf"),
        ("ü" * 255, "ü" * 220 + " (page 1).pdf"),
    ],
)
def test_names_of_parts(apply, contract, document, expected):
    assert list(apply("pdf.split", contract, PDF, document=document, pages="1").parts) == [expected]


def everything(document: pikepdf.Pdf) -> None:
    """Three pages, each with a mark in everything that can belong to a page; marks end with its number."""
    shared = Dictionary()
    for page in range(3):
        picture = document.make_stream(f"PICTURE{page + 1}".encode().ljust(100))
        picture.stream_dict.update(
            Dictionary(
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=10,
                Height=10,
                BitsPerComponent=8,
                ColorSpace=Name.DeviceGray,
            )
        )
        shared[f"/Im{page + 1}"] = picture
    resources = document.make_indirect(Dictionary(XObject=shared))
    elements = [document.make_indirect(Dictionary(Type=Name.StructElem, Alt=f"ALT{page + 1}")) for page in range(3)]
    document.Root.StructTreeRoot = document.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array(elements)))
    beads = [document.make_indirect(Dictionary(Type=Name.Bead, About=f"BEAD{page + 1}")) for page in range(3)]
    for page in range(3):
        elements[page].P = document.Root.StructTreeRoot
        beads[page].N = beads[(page + 1) % 3]
        holder = document.pages[page].obj
        holder.Resources, holder.B = resources, Array([beads[page]])
        holder.Contents = document.make_stream(f"/Im{page + 1} Do % TEXT{page + 1}".encode())
        link_add(document, page, Array([document.pages[(page + 1) % 3].obj, Name.Fit]))
        link_add(document, page, f"NAMED{(page + 1) % 3 + 1}")
        action = Dictionary(S=Name.GoTo, D=Array([holder, Name.Fit]), SD=Array([elements[page], Name.Fit]))
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 1, 1], A=action)
        annotations_add(document, page, document.make_indirect(link))
    form_add(document, {page: f"VALUE{page + 1}" for page in range(3)})
    names = [part for n in (1, 2, 3) for part in (f"NAMED{n}", Array([document.pages[n - 1].obj, Name.Fit]))]
    document.Root.Names = Dictionary(Dests=Dictionary(Names=Array(names)))
    document.attachments["FILE1.txt"] = b"CONTENT1"
    with document.open_outline() as outline:
        outline.root.extend(pikepdf.OutlineItem(f"MARK{page + 1}", page) for page in range(3))


@pytest.mark.parametrize("form", ["listed", "loose"])
def test_a_part_holds_nothing_of_the_pages_that_it_does_not_have(apply, contract, form):
    def change(document) -> None:
        del document.pages[3:]
        everything(document)
        if form == "loose":
            del document.Root.AcroForm

    whole = changed(contract, change)
    kinds = (b"PICTURE", b"TEXT", b"ALT", b"BEAD", b"VALUE", b"NAMED", b"MARK", b"FILE", b"CONTENT")
    assert all(kind + b"1" in words(whole) for kind in kinds)
    done = apply("pdf.split", whole, PDF, every=1)
    for number, part in enumerate(done.parts.values(), 1):
        held = words(part)
        others = {1, 2, 3} - {number}
        found = {kind for kind in kinds for other in others if kind + str(other).encode() in held}
        assert found <= {b"NAMED"}  # a link says where it would have led
        assert all(kind + str(number).encode() in held for kind in (b"PICTURE", b"TEXT", b"VALUE", b"MARK"))
    assert done.report["attachments_left"] == 1


def test_bookmarks_links_and_fields_go_with_their_pages(apply, contract):
    def change(document) -> None:
        del document.pages[3:]
        everything(document)

    done = apply("pdf.split", changed(contract, change), PDF, pages="2-3")
    (part,) = done.parts.values()
    assert bookmarks(part) == [("MARK2", 1, []), ("MARK3", 2, [])]
    with pikepdf.open(io.BytesIO(part)) as document:
        first, second = (page.obj for page in document.pages)
        assert first.Annots[0].Dest[0].objgen == second.objgen
        assert second.Annots[0].Dest[0] is None
    assert fields(part) == {"form": {"field1": "VALUE2", "field2": "VALUE3"}}


def test_a_form_that_contains_itself_ends(code, contract):
    def change(document) -> None:
        form_add(document, {0: "value"})
        top = document.Root.AcroForm.Fields[0]
        top.Kids = Array([top.Kids[0], top, top])

    assert code("pdf.split", changed(contract, change), PDF, pages="1") == "corrupt"


@pytest.mark.parametrize("pages", ["11", "10-11", "11-"])
def test_a_page_that_is_not_there(code, contract, pages):
    assert code("pdf.split", contract, PDF, pages=pages) == "page_missing"


def test_parts_that_have_more_pages_together_than_a_document_may(code):
    assert code("pdf.split", blank(1500), PDF, pages="1-1000, 2-1002") == "too_many_pages"


def test_a_dynamic_form(code, contract):
    dynamic = changed(contract, lambda document: document.Root.__setitem__("/NeedsRendering", True))
    assert code("pdf.split", dynamic, PDF, every=1) == "dynamic_form"


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({}, "must say either pages or every"),
        ({"pages": "1", "every": 1}, "must say either pages or every"),
        ({"pages": "1;2"}, "must be pages such as 1-3, 5, 8-"),
        ({"every": 0}, "every"),
        ({"every": 2001}, "every"),
    ],
)
def test_parameters_that_it_does_not_take(parameters, says):
    with pytest.raises(StepParametersInvalid) as refused:
        step_parse("pdf.split", parameters)
    assert says in refused.value.sentence


def test_mutations(contract):
    def change(document) -> None:
        del document.pages[3:]
        everything(document)

    assert mutations("pdf.split", changed(contract, change), PDF, every=2)["ok"]
