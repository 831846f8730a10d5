"""archive.unzip: the files of an archive, and no archive that is a trap."""

import io
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
import pyzipper

from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.packages import docx
from tests.files.make_archives import PASSWORD

FILES = Path(__file__).parents[2] / "files" / "archives"
ZIP = "application/zip"
LETTER = b"Dear Ben,\n" * 50


def archive(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, **attributes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in entries:
            entry = zipfile.ZipInfo(name)
            entry.filename = name  # as it is, whatever the library makes of it
            entry.compress_type = method
            for attribute, value in attributes.items():
                setattr(entry, attribute, value)
            packed.writestr(entry, content)
    return out.getvalue()


def directory(content: bytes) -> int:
    return content.index(b"PK\x01\x02")


def test_an_archive_of_info_zip(apply):
    done = apply("archive.unzip", (FILES / "plain.zip").read_bytes(), ZIP)
    assert done.parts == {"letter.txt": LETTER, "Verträge – 2026 – Entwurf für Ben.txt": b"Entwurf\n"}
    assert done.report == {"files": 2, "left_out": 0, "renamed": 0}
    done = apply("archive.unzip", (FILES / "plain.zip").read_bytes(), ZIP, folders="drop")
    assert set(done.parts) == {"letter.txt", "Entwurf für Ben.txt"}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_usual_compression(apply, method):
    assert apply("archive.unzip", archive(("a", LETTER), ("b", b""), method=method), ZIP).parts == {
        "a": LETTER,
        "b": b"",
    }


def test_files_that_would_have_the_same_name_are_numbered(apply):
    content = archive(("a/x.txt", b"1"), ("b/x.txt", b"2"), ("c/X.TXT", b"3"))
    done = apply("archive.unzip", content, ZIP, folders="drop")
    assert done.parts == {"x.txt": b"1", "x (2).txt": b"2", "X (3).TXT": b"3"}
    assert done.report["renamed"] == 2


def test_names_become_names_of_documents(apply):
    long = "f" * 300 + "/" + "n" * 300 + ".txt"
    done = apply("archive.unzip", archive(("./a\\b\x07.txt", b"1"), (long, b"2"), ("c/ . /d", b"3")), ZIP)
    first, second, third = done.parts
    assert (first, third) == ("a – b.txt", "c – d")
    assert len(second) == 255
    assert second.startswith("fff")
    assert second.endswith("n….txt")


def test_what_systems_hide_in_archives_is_left_out(apply):
    content = archive(("a.txt", b"1"), ("__MACOSX/._a.txt", b"2"), ("x/.DS_Store", b"3"), ("x/Thumbs.db", b"4"))
    done = apply("archive.unzip", content, ZIP)
    assert (done.parts, done.report["left_out"]) == ({"a.txt": b"1"}, 3)


def test_names_in_utf_8_without_its_mark_and_in_code_page_437(apply):
    marked = archive(("ä1.txt", b"1"))
    unmarked = bytearray(marked)
    for at in (6, directory(marked) + 8):
        unmarked[at + 1] &= ~0x08
    assert list(apply("archive.unzip", bytes(unmarked), ZIP).parts) == ["ä1.txt"]
    old = archive(("aa1.txt", b"1")).replace(b"aa1.txt", b"\x841.txt?"[:7])
    assert list(apply("archive.unzip", old, ZIP).parts) == ["ä1.txt?"]


def test_office_documents_inside_are_documents(apply):
    assert apply("archive.unzip", archive(("a.docx", docx())), ZIP).parts == {"a.docx": docx()}


def test_the_old_encryption(apply, code):
    content = (FILES / "zipcrypto.zip").read_bytes()
    assert apply("archive.unzip", content, ZIP, password=PASSWORD).parts["letter.txt"] == LETTER
    assert code("archive.unzip", content, ZIP) == "password_protected"
    assert code("archive.unzip", content, ZIP, password="wrong") == "password_wrong"


def zipcrypto_passing(content: bytes) -> str:
    """A wrong password that the one byte of ZipCrypto's check lets through."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for number in range(10_000):
            try:
                packed.open("letter.txt", pwd=f"wrong{number}".encode()).close()
                return f"wrong{number}"
            except RuntimeError:
                continue
    raise AssertionError


def test_a_wrong_password_that_the_old_encryption_lets_through_is_wrong_all_the_same(code):
    content = (FILES / "zipcrypto.zip").read_bytes()
    assert code("archive.unzip", content, ZIP, password=zipcrypto_passing(content)) == "password_wrong"


def aes() -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as packed:
        packed.setpassword(PASSWORD.encode())
        packed.writestr("letter.txt", LETTER)
    return out.getvalue()


def test_aes(apply, code):
    assert apply("archive.unzip", aes(), ZIP, password=PASSWORD).parts == {"letter.txt": LETTER}
    assert code("archive.unzip", aes(), ZIP) == "password_protected"
    assert code("archive.unzip", aes(), ZIP, password="wrong") == "password_wrong"
    changed = bytearray(aes())
    changed[directory(aes()) - 15] ^= 1
    assert code("archive.unzip", bytes(changed), ZIP, password=PASSWORD) == "corrupt"


def quine() -> bytes:
    """Two entries of the directory over one file (as Fifield's overlap bombs)."""
    one = archive(("a", LETTER))
    start = directory(one)
    entry, end = one[start : one.index(b"PK\x05\x06")], one[one.index(b"PK\x05\x06") :]
    other = entry.replace(b"a", b"b", 1) if entry.count(b"a") == 1 else entry[:46] + b"b" + entry[47:]
    tail = bytearray(end)
    struct.pack_into("<HHI", tail, 8, 2, 2, 2 * len(entry))
    return one[:start] + entry + other + bytes(tail)


def into_directory() -> bytes:
    """A stored file whose content reaches into the directory."""
    content = bytearray(archive(("a", b"x" * 50), method=zipfile.ZIP_STORED))
    at = directory(bytes(content))
    for place in (18, 22, at + 20, at + 24):
        struct.pack_into("<I", content, place, 90)
    return bytes(content)


def lying() -> bytes:
    """The header says that the file has other sizes than the directory says."""
    content = bytearray(archive(("a", LETTER)))
    struct.pack_into("<I", content, 22, 5)
    return bytes(content)


def announced(size: int) -> bytes:
    """The directory and the header announce another size than there is."""
    content = bytearray(archive(("a", LETTER)))
    for place in (22, directory(bytes(content)) + 24):
        struct.pack_into("<I", content, place, size)
    return bytes(content)


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate"):
        return archive(("a", b"1"), ("a", b"2"))


def tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as packed:
        packed.addfile(tarfile.TarInfo("x"))
    return out.getvalue()


LINK, FIFO = 0o120777 << 16, 0o010644 << 16


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: b"", "corrupt"),
        (lambda: b"PK\x03\x04" + bytes(200), "corrupt"),
        (lambda: b"%PDF-1.7\n" + bytes(200), "corrupt"),
        (lambda: (FILES / "plain.zip").read_bytes()[:-40], "corrupt"),
        (archive, "document_empty"),
        (lambda: archive(("empty/", b"")), "document_empty"),
        ((FILES / "link.zip").read_bytes, "archive_link"),
        (lambda: archive(("a", b"b"), external_attr=LINK, create_system=0), "archive_link"),
        (lambda: archive(("a", b"b"), external_attr=FIFO), "archive_link"),
        (lambda: archive(("a", b"b"), external_attr=0x400), "archive_link"),
        *[
            (lambda name=name: archive((name, b"x")), "archive_path")
            for name in ("/a", "../a", "a/../../b", "..\\a", "C:\\a", "\\\\host\\a", "a/..", " / ")
        ],
        (lambda: archive(("aXb", b"x")).replace(b"aXb", b"a\0b"), "archive_path"),
        (twice, "corrupt"),
        (lambda: archive(*[(f"{number}", b"") for number in range(10_001)]), "archive_entries"),
        (lambda: archive(("zeros", bytes(50 << 20))), "archive_ratio"),
        (lambda: archive(("a", archive(("zeros", bytes(900_000)))), ("b", bytes(2 << 20))), "archive_ratio"),
        (quine, "archive_ratio"),
        (into_directory, "archive_ratio"),
        (lying, "corrupt"),
        (lambda: announced(10), "corrupt"),
        (lambda: announced(10_000), "corrupt"),
        (lambda: announced(2_000_000_000), "archive_ratio"),
        (lambda: archive(("a.zip", archive(("b", b"x")))), "archive_nested"),
        (lambda: archive(("innocent.txt", archive(("b", b"x")))), "archive_nested"),
        (lambda: archive(("a.tar", tar())), "archive_nested"),
        (lambda: archive(("a.gz", b"\x1f\x8b\x08" + bytes(20))), "archive_nested"),
        (lambda: archive(("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(20))), "archive_nested"),
        (lambda: archive(("a", LETTER), method=zipfile.ZIP_STORED).replace(b"Ben", b"Bob", 1), "corrupt"),
        (lambda: patched_method(97), "unsupported"),
    ],
)  # fmt: skip
def test_a_trap_has_a_code(code, make, expected):
    assert code("archive.unzip", make(), ZIP) == expected


def patched_method(method: int) -> bytes:
    content = bytearray(archive(("a", LETTER)))
    for place in (8, directory(bytes(content)) + 10):
        struct.pack_into("<H", content, place, method)
    return bytes(content)


@pytest.mark.parametrize(("name", "password"), [("plain.zip", None), ("zipcrypto.zip", PASSWORD), ("aes", PASSWORD)])
def test_mutations(name, password):
    content = aes() if name == "aes" else (FILES / name).read_bytes()
    if password:
        content = b"\0" + content  # so that nobody opens it to damage what is inside, which takes the password
    assert mutations("archive.unzip", content, ZIP, count=30, password=password)["ok"]
