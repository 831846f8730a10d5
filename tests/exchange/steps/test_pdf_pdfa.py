"""pdf.pdfa: what archives take, and nothing that only says it is."""

import io

import pikepdf
import pytest
from pikepdf.pdfa import validate_written

from exchange.steps.base import PDF
from tests.documents import pdf, pdf_texts
from tests.exchange.steps.mutations import mutations
from tests.files.make_samples import FOLDER

STEP = "pdf.pdfa"
SAMPLE = FOLDER / "archive.pdf"


def changed(change, **saved) -> bytes:
    """The sample after `change(document)`."""
    with pikepdf.open(SAMPLE) as document:
        change(document)
        out = io.BytesIO()
        document.save(out, **saved)
    return out.getvalue()


def passes(content: bytes) -> bool:
    return validate_written(io.BytesIO(content), "2b").passed


def test_a_pdf_becomes_one_for_archives(apply):
    assert not passes(SAMPLE.read_bytes())
    done = apply(STEP, SAMPLE.read_bytes(), PDF)
    assert passes(done.content)
    assert pdf_texts(done.content) == pdf_texts(SAMPLE.read_bytes())
    assert (done.report["pages"], done.report["pdfa_checked"]) == (1, 1)
    with pikepdf.open(io.BytesIO(done.content)) as made:
        assert made.open_metadata().pdfa_status == "2B"
        (intent,) = made.Root.OutputIntents
        assert intent.S == "/GTS_PDFA1" and b"acsp" in intent.DestOutputProfile.read_bytes()


def test_what_runs_by_itself_is_taken_out(apply):
    def scripts(document) -> None:
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        document.Root.OpenAction = script
        document.Root.AA = pikepdf.Dictionary(WC=script)
        document.pages[0].AA = pikepdf.Dictionary(O=script)
        document.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["x", script])))

    done = apply(STEP, changed(scripts), PDF)
    assert passes(done.content)
    assert b"app.alert" not in done.content
    assert done.report["scripts_removed"] == 1


def launch(document) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], F=4, A=action)
    document.pages[0].Annots = pikepdf.Array([document.make_indirect(link)])


def cmyk(document) -> None:
    document.pages[0].contents_add(b"0 1 0 0 k 0 0 10 10 re f")


def fontless(document) -> None:
    for font in document.pages[0].resources.Font.values():
        del font.FontDescriptor["/FontFile2"]


@pytest.mark.parametrize("change", [launch, cmyk, fontless])
def test_what_archives_refuse_is_refused(code, change):
    assert code(STEP, changed(change), PDF) == "pdfa_failed"


def test_a_font_that_is_not_in_the_document(code, tmp_path):
    assert code(STEP, pdf(tmp_path / "helvetica.pdf").read_bytes(), PDF) == "pdfa_failed"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (lambda: b"", "corrupt"),
        (lambda: SAMPLE.read_bytes()[:300], "corrupt"),
        (lambda: b"PK\x03\x04", "corrupt"),
        (lambda: changed(lambda _: None, encryption=pikepdf.Encryption(owner="o", user="u")), "password_protected"),
    ],
    ids=["empty", "cut", "zip", "password"],
)
def test_what_is_no_pdf_has_a_code(code, content, expected):
    assert code(STEP, content(), PDF) == expected


def test_mutations():
    assert mutations(STEP, SAMPLE.read_bytes(), PDF)["ok"]
