"""pdf.merge: every page in order, and what readers find beside the pages."""

import io

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from exchange.steps.base import PDF
from tests.documents import pdf, pdf_texts
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.pdfs import blank, bookmarks, changed, encrypted, fields, form_add, link_add, pixels, signed


@pytest.fixture
def contract(tmp_path) -> bytes:
    return pdf(tmp_path / "contract.pdf", pages=3).read_bytes()


@pytest.fixture
def offer(tmp_path) -> bytes:
    return pdf(tmp_path / "offer.pdf", pages=2, text="Offer").read_bytes()


def given(*contents: bytes) -> list[tuple[str, str, bytes]]:
    return [(f"document {number}.pdf", PDF, content) for number, content in enumerate(contents, 1)]


def test_pages_in_the_order_of_documents(apply, contract, offer):
    done = apply("pdf.merge", given(offer, contract, offer), PDF)
    firsts = [text.splitlines()[0] for text in pdf_texts(done.content)]
    assert firsts == [
        "Offer, page 1 of 2", "Offer, page 2 of 2", "Contract, page 1 of 3", "Contract, page 2 of 3",
        "Contract, page 3 of 3", "Offer, page 1 of 2", "Offer, page 2 of 2",
    ]  # fmt: skip
    assert (done.report["documents"], done.report["pages"]) == (3, 7)


def test_one_document_alone(apply, contract):
    assert pdf_texts(apply("pdf.merge", given(contract), PDF).content) == pdf_texts(contract)


def test_bookmarks_are_kept_below_one_for_each_document(apply, contract, offer):
    def mark(document) -> None:
        with document.open_outline() as outline:
            chapter = pikepdf.OutlineItem("Chapter", 1)
            chapter.children.append(pikepdf.OutlineItem("Section", 2))
            outline.root.extend([chapter, pikepdf.OutlineItem("End", 2)])

    marked = changed(contract, mark)
    done = apply("pdf.merge", given(marked, offer, marked), PDF)
    assert bookmarks(done.content) == [
        ("document 1", 1, [("Chapter", 2, [("Section", 3, [])]), ("End", 3, [])]),
        ("document 2", 4, []),
        ("document 3", 6, [("Chapter", 7, [("Section", 8, [])]), ("End", 8, [])]),
    ]


def test_links_lead_to_the_page_of_their_own_document(apply, contract, offer):
    def link(document) -> None:
        link_add(document, 0, Array([document.pages[2].obj, Name.Fit]))
        link_add(document, 0, "end")
        document.Root.Names = Dictionary(
            Dests=Dictionary(Names=Array(["end", Array([document.pages[2].obj, Name.Fit])]))
        )

    linked = changed(contract, link)
    done = apply("pdf.merge", given(linked, offer, linked), PDF)
    with pikepdf.open(io.BytesIO(done.content)) as document:
        tree = pikepdf.NameTree(document.Root.Names.Dests)
        for first in (0, 5):
            explicit, named = document.pages[first].Annots
            assert explicit.Dest[0].objgen == document.pages[first + 2].obj.objgen
            assert tree[str(named.Dest)].D[0].objgen == document.pages[first + 2].obj.objgen


def test_attached_files_are_kept_and_told_apart(apply, contract, offer):
    def attach(text: bytes):
        return lambda document: document.attachments.__setitem__("data.xml", text)

    done = apply("pdf.merge", given(changed(contract, attach(b"one")), offer, changed(offer, attach(b"two"))), PDF)
    with pikepdf.open(io.BytesIO(done.content)) as document:
        files = {name: spec.get_file().read_bytes() for name, spec in document.attachments.items()}
    assert files == {"data.xml": b"one", "data.xml (2)": b"two"}
    assert done.report["attachments"] == 2


def test_forms_of_both_stay_and_say_which_fields_were_renamed(apply, contract):
    def fill(name: str, *values: str):
        return lambda document: form_add(document, dict(enumerate(values)), name=name)

    given_forms = (("form", "one", "two"), ("form", "three"), ("other", "four"))
    done = apply("pdf.merge", given(*(changed(contract, fill(*form)) for form in given_forms)), PDF)
    assert fields(done.content) == {
        "form": {"field0": "one", "field1": "two"}, "form 2": {"field0": "three"}, "other": {"field0": "four"},
    }  # fmt: skip
    with pikepdf.open(io.BytesIO(done.content)) as document:
        for page, value in ((0, "one"), (1, "two"), (3, "three"), (6, "four")):
            (widget,) = document.pages[page].Annots
            assert str(widget.V) == value
            assert widget.Parent.objgen in {field.objgen for field in document.Root.AcroForm.Fields}
    assert (done.report["form_fields"], done.report["form_fields_renamed"]) == (3, 1)


def test_a_field_keeps_the_font_by_which_its_form_writes(apply, contract):
    def fill(font: str):
        def change(document) -> None:
            form_add(document, {0: "one"})
            del document.Root.AcroForm.Fields[0].Kids[0]["/DA"]
            document.Root.AcroForm.DA = f"/{font} 9 Tf"
            document.Root.AcroForm.DR = Dictionary(Font=Dictionary({f"/{font}": Dictionary(BaseFont=Name(f"/{font}"))}))

        return change

    done = apply("pdf.merge", given(changed(contract, fill("Cour")), changed(contract, fill("TiRo"))), PDF)
    with pikepdf.open(io.BytesIO(done.content)) as document:
        form = document.Root.AcroForm
        assert [str(field.DA) for field in form.Fields] == ["/Cour 9 Tf", "/TiRo 9 Tf"]
        assert set(form.DR.Font.keys()) == {"/Cour", "/TiRo"}


def test_a_layer_that_was_hidden_stays_hidden(apply, contract):
    def hide(document) -> None:
        group = document.make_indirect(Dictionary(Type=Name.OCG, Name="Notes"))
        document.Root.OCProperties = Dictionary(
            OCGs=Array([group]), D=Dictionary(OFF=Array([group]), Order=Array([group]))
        )
        page = document.pages[0]
        page.Resources.Properties = Dictionary(MC0=group)
        page.contents_add(b"/OC /MC0 BDC 0 0 0 rg 0 0 600 900 re f EMC")

    def darkness(content: bytes) -> int:
        return sum(value < 250 for value in pixels(content, scale=0.3).tobytes())

    hidden = changed(contract, hide)
    done = apply("pdf.merge", given(hidden, contract), PDF)
    assert darkness(done.content) == darkness(hidden) == darkness(contract)
    assert done.report["layers"] == 1


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (lambda content: content[:200], "corrupt"),
        (lambda content: b"", "corrupt"),
        (encrypted, "password_protected"),
        (signed, "signed"),
        (lambda content: blank(1998), "too_many_pages"),
        (
            lambda content: changed(content, lambda document: document.Root.__setitem__("/NeedsRendering", True)),
            "dynamic_form",
        ),
    ],
    ids=["cut", "empty", "password", "signed", "pages", "dynamic"],
)
def test_one_document_that_cannot_be_joined_has_a_code(code, contract, second, expected):
    assert code("pdf.merge", given(contract, second(contract)), PDF) == expected


def test_mutations(contract):
    def change(document) -> None:
        form_add(document, {0: "one", 1: "two"})
        link_add(document, 0, Array([document.pages[2].obj, Name.Fit]))
        document.attachments["data.xml"] = b"<x/>"
        with document.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("First", 0))

    assert mutations("pdf.merge", changed(contract, change), PDF)["ok"]
