"""file.scrub: what the writer did not mean to send goes; what a reader sees stays."""

import io
import zipfile

import pikepdf
import pytest
from PIL import Image

from exchange.steps.base import PDF
from tests.documents import pdf, pdf_texts
from tests.exchange.steps import packages
from tests.exchange.steps.packages import MARK, package

_OOXML = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX, PPTX = (
    _OOXML + kind for kind in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
)
ODT = "application/vnd.oasis.opendocument.text"


def unpacked(content: bytes) -> dict[str, bytes]:
    """Entries of a package by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("make", "media_type", "visible"),
    [
        (packages.docx, DOCX, {"word/document.xml": [b"Visible text", b"added"]}),
        (packages.xlsx, XLSX, {"xl/worksheets/sheet1.xml": [b"<v>42</v>"]}),
        (packages.pptx, PPTX, {"ppt/slides/slide1.xml": [b"Visible text"]}),
        (packages.odt, ODT, {"content.xml": [b"Visible text", b"1 May 2026"], "mimetype": [ODT.encode()]}),
    ],
    ids=["docx", "xlsx", "pptx", "odt"],
)
def test_office_documents(apply, make, media_type, visible):
    before = make()
    assert any(MARK.encode() in part for part in unpacked(before).values())
    done = apply("file.scrub", before, media_type)
    entries = unpacked(done.content)
    assert [name for name, part in entries.items() if MARK.encode() in part] == []
    assert MARK.encode() not in done.content
    assert not any(name.startswith(("customXml/", "Thumbnails/", "docProps/thumbnail")) for name in entries)
    assert b"00AA11BB" not in b"".join(entries.values())
    for name, words in visible.items():
        assert all(word in entries[name] for word in words)
    assert next(iter(entries)) == next(iter(unpacked(before)))  # what a reader looks for first stays first
    assert sum(done.report.values()) > 0
    with zipfile.ZipFile(io.BytesIO(done.content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_references_to_what_went_go_too(apply):
    entries = unpacked(apply("file.scrub", packages.docx(), DOCX).content)
    assert b"customXml" not in entries["[Content_Types].xml"]
    assert b"attachedTemplate" not in entries["word/_rels/settings.xml.rels"]


def test_a_photograph_inside_a_document_is_cleaned_and_still_a_picture(apply):
    entries = unpacked(apply("file.scrub", packages.docx(), DOCX).content)
    with Image.open(io.BytesIO(entries["word/media/image1.jpeg"])) as picture:
        picture.load()
        assert picture.getexif().get(0x0112) == 6


@pytest.mark.parametrize(
    ("make", "media_type"),
    [
        (packages.jpeg, "image/jpeg"),
        (packages.png, "image/png"),
        (packages.webp, "image/webp"),
        (packages.tiff, "image/tiff"),
    ],
    ids=["jpeg", "png", "webp", "tiff"],
)
def test_pictures_keep_every_pixel_and_the_way_they_are_turned(apply, make, media_type):
    before = make()
    assert MARK.encode() in before or media_type == "image/png"
    done = apply("file.scrub", before, media_type)
    assert MARK.encode() not in done.content
    assert done.report["metadata"] > 0
    with Image.open(io.BytesIO(before)) as first, Image.open(io.BytesIO(done.content)) as second:
        assert first.tobytes() == second.tobytes()
        assert first.getexif().get(0x0112, 1) == second.getexif().get(0x0112, 1)
        assert not {315, 270, 305} & set(second.getexif())
        assert second.info.keys() - {"exif", "jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"} <= {
            "compression", "loop", "background", "timestamp", "duration", "adobe", "adobe_transform", "resolution",
        }  # fmt: skip


def test_pdf(apply, tmp_path):
    source = pdf(tmp_path / "plain.pdf", pages=2)
    with pikepdf.open(source) as document:
        document.docinfo["/Author"] = MARK
        with document.open_metadata() as xmp:
            xmp["dc:creator"] = [MARK]
        page, make = document.pages[0], document.make_indirect
        page.PieceInfo = pikepdf.Dictionary(App=pikepdf.Dictionary(Private=MARK))
        page.Thumb = make(pikepdf.Stream(document, MARK.encode()))
        photo = pikepdf.Stream(document, packages.jpeg())
        photo.Type, photo.Subtype, photo.Filter = pikepdf.Name.XObject, pikepdf.Name.Image, pikepdf.Name.DCTDecode
        photo.Width, photo.Height, photo.BitsPerComponent, photo.ColorSpace = 64, 48, 8, pikepdf.Name.DeviceRGB
        page.Resources.XObject = pikepdf.Dictionary(Photo=make(photo))
        page.contents_add(b"q 64 0 0 48 0 0 cm /Photo Do Q")
        note = {"Type": pikepdf.Name.Annot, "Rect": [0, 0, 9, 9], "Contents": "A visible remark", "T": MARK, "M": MARK}
        field = {"Type": pikepdf.Name.Annot, "Rect": [0, 0, 9, 9], "FT": pikepdf.Name.Tx, "T": "amount", "V": "12"}
        page.Annots = pikepdf.Array(
            [
                make(pikepdf.Dictionary(Subtype=pikepdf.Name.Text, **note)),
                make(pikepdf.Dictionary(Subtype=pikepdf.Name.Widget, **field)),
            ]
        )
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([page.Annots[1]]))
        out = io.BytesIO()
        document.save(out)
    done = apply("file.scrub", out.getvalue(), PDF)
    assert pdf_texts(done.content)[1].startswith("Contract, page 2 of 2")
    with pikepdf.open(io.BytesIO(done.content)) as document:
        everything = b"".join(
            entry.unparse(resolved=True) + (entry.read_raw_bytes() if isinstance(entry, pikepdf.Stream) else b"")
            for entry in document.objects
        )
        remark, field = document.pages[0].Annots
        assert str(remark.Contents) == "A visible remark"
        assert (str(field.T), str(field.V)) == ("amount", "12")
        assert "/Info" not in document.trailer
    for coding in ("latin-1", "utf-16-be"):
        assert MARK.encode(coding) not in everything + done.content
    assert done.report["information"] > 0


def test_a_pdf_that_was_changed_keeps_nothing_of_its_first_state(apply, tmp_path):
    """An incremental update leaves the old bytes in the file; a scrubbed one is written anew."""
    whole = pdf(tmp_path / "whole.pdf", text="First state").read_bytes()
    hidden = whole + f"\n% {MARK}\n".encode()
    assert MARK.encode() not in apply("file.scrub", hidden, PDF).content


def bomb(size: int) -> bytes:
    return package({"[Content_Types].xml": "<Types/>", "word/document.xml": bytes(size)})


_ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
    "<x>&c;</x>"
)


@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (b"", DOCX, "corrupt"),
        (b"PK\x03\x04 broken", DOCX, "corrupt"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), DOCX, "password_protected"),
        (package({"mimetype": ODT, "META-INF/manifest.xml": "<a><encryption-data/></a>"}), ODT, "password_protected"),
        (package({"x": "", "_xmlsignatures/sig1.xml": "<x/>"}), DOCX, "signed"),
        (package({"x": "", "META-INF/documentsignatures.xml": "<x/>"}), ODT, "signed"),
        (package({"x": "", "word/document.xml": _ENTITIES}), DOCX, "corrupt"),
        (package({"x": "", "word/document.xml": "<a" * 100_000}), DOCX, "corrupt"),
        (package({"x": "", "word/document.xml": "<a>" * 100_000}), DOCX, "corrupt"),
        (package({f"{number}": "" for number in range(10_001)}), DOCX, "corrupt"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg", "corrupt"),
        (b"\xff\xd8\xff" + b"\xff" * 5000, "image/jpeg", "corrupt"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xffIDAT", "image/png", "corrupt"),
        (b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff", "image/webp", "corrupt"),
        (b"II*\0\x08\0\0\0\xff\xff" + bytes(100), "image/tiff", "corrupt"),
        (b"II*\0\x08\0\0\0\x01\0" + bytes(12) + b"\x08\0\0\0", "image/tiff", "corrupt"),
        (b"II+\0" + bytes(100), "image/tiff", "unsupported"),
        (b"%PDF-1.7 broken", PDF, "corrupt"),
    ],
)
def test_hostile_and_protected_documents_end_by_a_code(code, content, media_type, expected):
    assert code("file.scrub", content, media_type) == expected


def test_a_zip_bomb_ends_by_a_code_and_not_by_the_machine(code):
    assert code("file.scrub", bomb(900 << 20), DOCX) in {"corrupt", "step_memory"}


def test_a_picture_of_enormous_size_is_never_decoded(apply):
    """Its pixels are not touched, so what it claims costs nothing."""
    content = bytearray(packages.png())
    content[16:24] = (2**31 - 1).to_bytes(4, "big") * 2
    assert MARK.encode() not in apply("file.scrub", bytes(content), "image/png").content
