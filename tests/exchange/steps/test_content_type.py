"""Types by content, whatever the name says."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.sandbox import sandbox_missing
from exchange.steps.content_type import PREFIX, content_type_detect

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def package(*names: str, first: bytes = b"", content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if first:
            archive.writestr(zipfile.ZipInfo("mimetype"), first)
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "media_type", "agrees"),
    [
        (b"%PDF-1.7\n", "a.pdf", "application/pdf", True),
        (b"\n\n%PDF-1.4", "a.txt", "application/pdf", False),
        (b"MZ\x90\0" + bytes(100), "invoice.pdf", None, False),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "a.png", "image/png", True),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "a.jpg", "image/jpeg", True),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "a.pdf", "image/jpeg", False),
        (b"a,b\n1,2\n", "a.csv", "text/csv", True),
        (b"a,b\n1,2\n", "a", "text/plain", True),
        (b"a,b\n1,2\n", "a.pdf", "text/plain", False),
        (b"<html>", "a.html", "text/html", True),
        (package("[Content_Types].xml", "word/document.xml"), "a.docx", _DOCX, True),
        (package("[Content_Types].xml", "word/document.xml"), "a.pdf", _DOCX, False),
        (package("x", first=b"application/vnd.oasis.opendocument.text"), "a.odt",
         "application/vnd.oasis.opendocument.text", True),
        (package("photo.jpg"), "a.zip", "application/zip", True),
        (package("photo.jpg"), "a.png", "application/zip", False),
        (package("report.docx", content=package("[Content_Types].xml", "word/document.xml")), "a.zip",
         "application/zip", True),
        (package("docProps/app.xml", "xl/workbook.xml", "[Content_Types].xml"), "a.pdf", _XLSX, False),
        ("Größe;1\r\n".encode("cp1252"), "a.csv", "text/csv", True),
        ("Größe;1\r\n".encode("utf-16"), "a.csv", "text/csv", True),
        ("Größe;1\r\n".encode("cp1252"), "a.pdf", None, False),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "a.csv", "image/jpeg", False),
        (b"\xff\xfe\0\0\x01\x02", "a.csv", None, True),
        (b"{}\n{}\n", "a.jsonl", "application/x-ndjson", True),
        (b"", "a.pdf", "application/pdf", True),
        (bytes(range(256)), "a.bin", "application/octet-stream", True),
        (bytes(range(256)), "a.pdf", "application/octet-stream", False),
    ],
)  # fmt: skip
def test_types(content, name, media_type, agrees):
    found = content_type_detect(content, name=name)
    assert found.agrees is agrees
    assert media_type in {None, found.media_type}


@pytest.mark.parametrize("cut", range(1, 4))
def test_a_character_cut_by_the_prefix_is_still_text(cut):
    long = ("x" * (PREFIX - cut) + "😀" * 10).encode()
    assert content_type_detect(long[:PREFIX], name="a.txt").media_type == "text/plain"


@pytest.mark.parametrize("content", [b"abc\xff", b"\xe2\x82", b"abcd\xffabc", b"abc\0abc"])
def test_what_is_no_text_is_not_called_so(content):
    assert content_type_detect(content, name="a.txt").media_type != "text/plain"


FLAC = b"fLaC\0\0\0\x22" + bytes(60)


@pytest.mark.skipif(bool(sandbox_missing()), reason="bubblewrap does not work here")
def test_rare_types_are_known_by_a_library_in_the_sandbox():
    found = content_type_detect(FLAC, name="song.pdf")
    assert (found.media_type.partition("/")[0], found.agrees) == ("audio", False)


def test_without_the_sandbox_rare_types_are_unknown_and_common_ones_known(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert content_type_detect(FLAC, name="song.pdf").agrees is False
    assert content_type_detect(FLAC, name="song").media_type == "application/octet-stream"
    for content, media_type in (
        (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"GIF89a", "image/gif"),
        (b"II*\0\x08", "image/tiff"), (b"RIFF\0\0\0\0WEBP", "image/webp"), (b"%PDF-1.7", "application/pdf"),
    ):  # fmt: skip
        assert content_type_detect(content + bytes(range(256)), name="x").media_type == media_type


@pytest.mark.skipif(bool(sandbox_missing()), reason="bubblewrap does not work here")
@given(st.binary(min_size=1, max_size=300))
@settings(max_examples=15, deadline=None)
def test_whatever_the_bytes_there_is_an_answer(content):
    assert "/" in content_type_detect(content, name="x").media_type
