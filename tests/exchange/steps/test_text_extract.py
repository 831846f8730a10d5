"""text.extract: what a document says, and nothing that it merely holds."""

import io
import zipfile
from pathlib import Path

import pikepdf
import pytest

from exchange.steps.base import PDF, StepParametersInvalid
from exchange.steps.registry import step_parse
from tests.documents import pdf
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.mutations_inside import mutated

FILES = Path(__file__).parents[2] / "files" / "pixels"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
TYPES = {"pdf": PDF, "docx": DOCX, "odt": ODT, "rtf": "application/rtf", "html": "text/html"}
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def letter(ending: str) -> bytes:
    return (FILES / f"letter.{ending}").read_bytes()


def word(body: str, **others: str) -> bytes:
    """A Word file of that body."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:document {_W}><w:body>{body}</w:body></w:document>")
        for name, content in others.items():
            archive.writestr(f"word/{name}.xml", content)
    return out.getvalue()


def opendocument(body: str, **others: str) -> bytes:
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table")
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body>{body}</office:body></office:document-content>",
        )
        for name, content in others.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.mark.parametrize("ending", list(TYPES))
def test_a_letter_in_every_format(apply, ending):
    done = apply("text.extract", letter(ending), TYPES[ending])
    text = done.content.decode()
    words = " ".join(text.split())
    for said in (
        "Offer for the office in Fiffingen", "Dear Ottilie Quastenflosser,",
        "1,250.00 EUR to DE89 3704 0044 0532 0130 00",
        "first floor of the office is efficient and affordable", "4111 1111 1111 1111",
        "equal worth & weight, says § 7.",
    ):  # fmt: skip
        assert said in words
    assert text.index("Fiffingen") < text.index("Card") < text.index("Terms")
    assert "\n" in text[: text.index("Dear")]  # a heading is a paragraph of its own
    assert "font-family" not in text
    assert "Letter to" not in text
    assert done.report == {"characters": len(text) - 1}


@pytest.mark.parametrize(
    ("pages", "between"), [("line", "\n\n--- Page 2 ---\n"), ("form_feed", "\n\f"), ("none", "\n\n")]
)
def test_pages_of_a_pdf_are_apart(apply, pages, between):
    text = apply("text.extract", letter("pdf"), PDF, pages=pages).content.decode()
    assert f"Floor first{between}Terms" in text
    assert text.startswith("--- Page 1 ---\n") == (pages == "line")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Grüße\r\nan alle\n".encode(), "Grüße\nan alle\n"),
        ("Grüße".encode("utf-8-sig"), "Grüße\n"),
        ("Grüße".encode("utf-16"), "Grüße\n"),
        (b"\xfe\xff" + "Grüße".encode("utf-16-be"), "Grüße\n"),
        ("Grüße für 5 €".encode("cp1252"), "Grüße für 5 €\n"),
        (b"a\0b\x1b[31mc\td", "ab[31mc\td\n"),
    ],
    ids=["utf-8", "mark", "utf-16", "utf-16-be", "windows", "controls"],
)
def test_plain_text_in_any_encoding(apply, content, expected):
    assert apply("text.extract", content, "text/plain").content.decode() == expected


def test_a_word_file_without_what_was_deleted(apply):
    body = (
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>Kept</w:t><w:tab/><w:t>here</w:t></w:r>"
        "<w:del><w:r><w:delText>gone</w:delText><w:t>gone</w:t></w:r></w:del>"
        "<w:ins><w:r><w:t> added</w:t></w:r></w:ins>"
        "<w:r><w:instrText>FIELD</w:instrText><w:br/><w:t>second</w:t></w:r></w:p>"
    )
    note = f"<w:footnotes {_W}><w:footnote><w:p><w:r><w:t>a note</w:t></w:r></w:p></w:footnote></w:footnotes>"
    done = apply("text.extract", word(body, footnotes=note, comments=note.replace("a note", "remark")), DOCX)
    assert done.content.decode() == "Kept\there added\nsecond\n\na note\n"


def test_an_opendocument_without_remarks(apply):
    body = (
        "<office:text><text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:h>Head</text:h>"
        '<text:p>one<text:s text:c="3"/>two<text:tab/>three<text:line-break/>four'
        "<office:annotation><text:p>remark</text:p></office:annotation></text:p></office:text>"
    )
    assert apply("text.extract", opendocument(body), ODT).content.decode() == "Head\none   two\tthree\nfour\n"


def test_a_web_page_without_its_scripts(apply):
    page = b"<!doctype html><meta charset=iso-8859-1><title>T</title><style>x{}</style><script>1</script><p>Gr\xfc\xdfe"
    page += b"<p>a &amp; b &lt;c&gt;<ul><li>one<li>two</ul><!-- remark --><table><tr><td>x<td>y</table>"
    assert apply("text.extract", page, "text/html").content.decode() == "Grüße\n\na & b <c>\n\none\n\ntwo\n\nx\ty\n"


def _locked() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter("pdf"))) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="o", user="secret"))
    return out.getvalue()


def _locked_open() -> bytes:
    return opendocument("<office:text/>", **{"META-INF__manifest.xml": "<manifest:encryption-data/>"})


def _lying(size: int) -> bytes:
    """A Word file that says its body is small, and is far larger unpacked."""
    content = bytearray(word("<w:p>" + " " * size + "</w:p>"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        real = archive.getinfo("word/document.xml").file_size.to_bytes(4, "little")
    return bytes(content).replace(real, (1000).to_bytes(4, "little"))


_BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + "]><d>&j;</d>"  # fmt: skip


def _packed(content: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (b" \r\n\t\0", "text/plain", "document_empty"),
        (b"", PDF, "corrupt"),
        (letter("pdf")[:400], PDF, "corrupt"),
        (_locked(), PDF, "password_protected"),
        (letter("docx")[:2000], DOCX, "corrupt"),
        (letter("odt"), DOCX, "corrupt"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), DOCX, "password_protected"),
        (word(""), DOCX, "document_empty"),
        (word("<w:p>"), DOCX, "corrupt"),
        (word("<w:p><w:r><w:t>" + "a" * (60 << 20) + "</w:t></w:r></w:p>"), DOCX, "archive_ratio"),
        (_lying(60 << 20), DOCX, "corrupt"),
        (_packed(_BOMB), DOCX, "corrupt"),
        (_packed('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'), DOCX, "corrupt"),
        (_locked_open(), ODT, "password_protected"),
        (b"no rtf", "application/rtf", "corrupt"),
        (b"{\\rtf1" + b"{" * 2000, "application/rtf", "corrupt"),
        (b"{\\rtf1 }", "application/rtf", "document_empty"),
        (b"<script>1</script>", "text/html", "document_empty"),
    ],
    ids=["blank", "no-pdf", "cut-pdf", "password", "cut-docx", "odt-as-docx", "ole", "empty-docx", "broken-xml", "bomb",
         "lying-bomb", "entities", "entity-file", "locked-odt", "no-rtf", "deep-rtf", "empty-rtf", "script"],
)  # fmt: skip
def test_a_document_that_says_nothing_has_a_code(code, content, media_type, expected):
    assert code("text.extract", content, media_type) == expected


def test_an_entry_that_lies_before_the_file(code):
    assert code("text.extract", mutated(letter("odt"), 976), ODT) == "corrupt"


def test_a_pdf_without_text(code, tmp_path):
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.save(out)
    assert code("text.extract", out.getvalue(), PDF) == "document_empty"


def test_many_pages(apply, tmp_path):
    text = apply("text.extract", pdf(tmp_path / "many.pdf", pages=200).read_bytes(), PDF).content.decode()
    assert text.count("--- Page ") == 200
    assert text.index("page 199 of 200") < text.index("page 200 of 200")


@pytest.mark.parametrize("parameters", [{"pages": "dots"}, {"x": 1}])
def test_parameters_that_it_does_not_take(parameters):
    with pytest.raises(StepParametersInvalid):
        step_parse("text.extract", parameters)


@pytest.mark.parametrize("ending", list(TYPES))
def test_mutations(ending):
    assert mutations("text.extract", letter(ending), TYPES[ending], count=15)["ok"]
