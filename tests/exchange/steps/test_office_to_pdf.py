"""office.to_pdf: what LibreOffice makes of good documents, and the code of every other."""

import io
import zipfile
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf.pdfa import validate_written

from exchange.sandbox import tool_missing
from exchange.steps.base import PDF, StepParametersInvalid
from exchange.steps.office_to_pdf import _KINDS
from exchange.steps.registry import step_parse
from tests.documents import pdf_texts
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.packages import package

STEP = "office.to_pdf"
FILES = Path(__file__).resolve().parents[2] / "files" / "office"
SAMPLE = Path(__file__).resolve().parents[3] / "exchange" / "steps" / "samples" / "document.docx"
TYPES = {kind: media_type for media_type, kind in reversed(_KINDS.items())}
GOOD = sorted(path.name for path in FILES.glob("[lst]*.*") if not path.name.startswith(("secret-", "linked")))
SECRET = sorted(path.name for path in FILES.glob("secret-*"))
TEXT = "Grüße, 42 €"

pytestmark = pytest.mark.skipif(tool_missing("soffice") is not None, reason="LibreOffice is not installed")


def sent(name: str) -> tuple[bytes, str]:
    """A file of ours, and its media type."""
    path = FILES / name
    return path.read_bytes(), TYPES[path.suffix[1:]]


@pytest.mark.parametrize("name", GOOD)
def test_every_format_becomes_a_pdf_with_its_text(apply, name):
    done = apply(STEP, *sent(name))
    assert TEXT in "".join(pdf_texts(done.content))
    assert done.report == {"pages": 1}


@pytest.mark.parametrize(
    ("kind", "content", "says"),
    [
        ("txt", f"{TEXT}\nsecond".encode(), [TEXT, "second"]),
        ("txt", TEXT.encode("cp1252"), [TEXT]),
        ("txt", TEXT.encode("utf-16"), [TEXT]),
        ("csv", f"name;sum\n{TEXT};=1+1\n".encode(), ["name", TEXT, "=1+1"]),
        ("csv", 'a,b\n"x, y",<z>&\x01\n'.encode("utf-8-sig"), ["x, y", "<z>&"]),
        (
            "html",
            f'<html><head><meta charset="utf-8"></head><h1>{TEXT}</h1><img src="http://a/b"></html>'.encode(),
            [TEXT],
        ),
    ],
)
def test_text_in_any_encoding_is_on_a4(apply, kind, content, says):
    done = apply(STEP, content, TYPES[kind])
    text = pdf_texts(done.content)[0]
    assert all(one in text for one in says), text
    width, height = pypdfium2.PdfDocument(done.content)[0].get_size()
    assert (round(width), round(height)) == (595, 842)


def test_pages_are_chosen_and_all_must_be_there(apply, code):
    document = (SAMPLE.read_bytes(), TYPES["docx"])
    done = apply(STEP, *document, pages="2")
    assert [text.strip() for text in pdf_texts(done.content)] == ["Sample of Sealpost, page 2 of 2"]
    assert done.report == {"pages": 1}
    assert code(STEP, *document, pages="1-3") == "page_missing"


def test_a_pdfa_is_one(apply):
    done = apply(STEP, *sent("letter.odt"), pdfa=True)
    assert done.report == {"pages": 1, "pdfa_checked": 1}
    assert validate_written(io.BytesIO(done.content), "2b").passed
    with pikepdf.open(io.BytesIO(done.content)) as made:
        assert made.open_metadata().pdfa_status == "2B"


@pytest.mark.parametrize("name", SECRET)
def test_a_password_is_refused(code, name):
    assert code(STEP, *sent(name)) == "password_protected"


def test_a_package_with_a_password_is_one_in_a_compound_file(code):
    protected = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(400)
    assert code(STEP, protected, TYPES["docx"]) == "password_protected"


def test_a_macro_does_not_run(apply):
    content, media_type = sent("macro.odt")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"MACRO RAN" in archive.read("Basic/Standard/Module1.xml")
    text = pdf_texts(apply(STEP, content, media_type).content)[0]
    assert TEXT in text and "MACRO RAN" not in text


def test_a_link_is_left_as_it_was(apply):
    text = pdf_texts(apply(STEP, *sent("linked.odt")).content)[0]
    assert "Before the link" in text and "fontconfig" not in text


def bomb() -> bytes:
    with zipfile.ZipFile(io.BytesIO(SAMPLE.read_bytes())) as good:
        entries = {name: good.read(name) for name in good.namelist()}
    return package({**entries, "word/media/image1.png": bytes(300 << 20)})


def entities() -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "boom">{levels}]>' + (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&l11;'
        "</w:t></w:r></w:p></w:body></w:document>"
    )
    with zipfile.ZipFile(io.BytesIO(SAMPLE.read_bytes())) as good:
        entries = {name: good.read(name) for name in good.namelist()}
    return package({**entries, "word/document.xml": body})


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (lambda: b"", "docx", "document_empty"),
        (lambda: SAMPLE.read_bytes()[:700], "docx", "corrupt"),
        (lambda: sent("letter.doc")[0][:1000], "doc", "corrupt"),
        (lambda: b"%PDF-1.7 lies", "docx", "corrupt"),
        (lambda: sent("table.xlsx")[0], "docx", "corrupt"),
        (lambda: sent("letter.doc")[0], "docx", "corrupt"),
        (SAMPLE.read_bytes, "odt", "corrupt"),
        (SAMPLE.read_bytes, "txt", "corrupt"),
        (SAMPLE.read_bytes, "html", "corrupt"),
        (lambda: b"plain", "rtf", "corrupt"),
        (lambda: package({f"{n}": "" for n in range(10_001)}), "docx", "archive_entries"),
        (bomb, "docx", "archive_ratio"),
        (lambda: b"x\n" * 100_001, "csv", "too_many_rows"),
        (lambda: b"{\\rtf1 " + b"\\page x" * 2001 + b"}", "rtf", "too_many_pages"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_document_has_a_code(code, content, kind, expected):
    assert code(STEP, content(), TYPES[kind]) == expected


def test_entities_do_not_grow(apply):
    try:
        done = apply(STEP, entities(), TYPES["docx"])
    except Exception as refused:
        assert getattr(refused, "code", "") in {"corrupt", "step_memory"}
    else:
        assert len(done.content) < 1 << 20 and len(pdf_texts(done.content)) < 3


@pytest.mark.parametrize("pages", ["0", "3-1", "1-", "a", "1,,2", "1-2001", "9999"])
def test_pages_that_are_none(pages):
    with pytest.raises(StepParametersInvalid) as refused:
        step_parse(STEP, {"pages": pages})
    assert "must be pages like 1-3,5 up to 2000" in refused.value.sentence


def test_the_result_is_named_as_one():
    product = step_parse(STEP, {"pages": "1-3, 5"}).product(TYPES["docx"])
    assert (product.media_type, product.name("contract.docx")) == (PDF, "contract.pdf")


@pytest.mark.parametrize("name", ["letter.docx", "table.xls", "slides.odp"])
def test_mutations(name):
    assert mutations(STEP, *sent(name), count=3)["ok"]
