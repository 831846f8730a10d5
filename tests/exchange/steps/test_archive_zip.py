"""archive.zip: one archive that other programs open, and that nobody opens without the password."""

import io
import subprocess
import zipfile

import pytest
import pyzipper

from exchange.steps.base import StepParametersInvalid, registered
from exchange.steps.content_type import content_type_detect
from exchange.steps.registry import step_parse

TEXT, JPEG = "text/plain", "image/jpeg"
PASSWORD = "open sesame"
DOCUMENTS = [
    ("letter.txt", TEXT, b"Dear Ben,\n" * 500),
    ("LETTER.txt", TEXT, b"another"),
    ("Entwürfe für Ben.txt", TEXT, b"Entwurf"),
    ("photo.jpg", JPEG, b"\xff\xd8\xff" + bytes(3000)),
    ("empty", TEXT, b""),
    ("letter.txt", TEXT, b"a third"),
]
NAMES = ["letter.txt", "LETTER (2).txt", "Entwürfe für Ben.txt", "photo.jpg", "empty", "letter (3).txt"]


def test_every_document_is_there_under_a_name_of_its_own(apply, tmp_path):
    done = apply("archive.zip", DOCUMENTS, "")
    assert done.report == {"documents": 6, "renamed": 2}
    assert content_type_detect(done.content, name="a.zip").media_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(done.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == NAMES
        assert [archive.read(name) for name in NAMES] == [content for _, _, content in DOCUMENTS]
        kinds = [entry.compress_type for entry in archive.infolist()]
        assert kinds == [8, 8, 8, 0, 8, 8]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.getinfo(NAMES[2]).flag_bits & 0x800
    (tmp_path / "a.zip").write_bytes(done.content)
    assert subprocess.run(["unzip", "-tq", str(tmp_path / "a.zip")], check=False).returncode == 0


def test_the_same_documents_make_the_same_archive(apply):
    assert apply("archive.zip", DOCUMENTS, "").content == apply("archive.zip", DOCUMENTS, "").content


def test_with_a_password_it_is_aes_256(apply):
    done = apply("archive.zip", DOCUMENTS, "", password=PASSWORD)
    assert b"Dear Ben" not in done.content
    with pyzipper.AESZipFile(io.BytesIO(done.content)) as archive:
        assert {(entry.flag_bits & 1, entry.wz_aes_strength, entry.wz_aes_version) for entry in archive.infolist()} == {
            (1, 3, 2)
        }
        with pytest.raises(RuntimeError):
            archive.read(NAMES[0], pwd=b"wrong")
        assert [archive.read(name, pwd=PASSWORD.encode()) for name in NAMES] == [one for _, _, one in DOCUMENTS]
    assert list(apply("archive.unzip", done.content, "application/zip", password=PASSWORD).parts) == NAMES


def test_a_document_s_name_leads_to_no_folder(apply):
    done = apply("archive.zip", [("../../etc/passwd", TEXT, b"x"), ("x" * 300, TEXT, b"y")], "")
    with zipfile.ZipFile(io.BytesIO(done.content)) as archive:
        assert archive.namelist() == [".._.._etc_passwd", "x" * 255]


def test_names_that_agree_in_all_but_their_last_letters_stay_apart(apply):
    done = apply("archive.zip", [("y" * 251 + ".txt", TEXT, b"1"), ("Y" * 251 + ".txt", TEXT, b"2")], "")
    with zipfile.ZipFile(io.BytesIO(done.content)) as archive:
        _, second = archive.namelist()
        assert (len(second), second.endswith("Y (2).txt"), archive.read(second)) == (255, True, b"2")


@pytest.mark.parametrize("password", ["", "x" * 129])
def test_passwords_that_are_none(password):
    with pytest.raises(StepParametersInvalid):
        step_parse("archive.zip", {"password": password})


@pytest.mark.parametrize("name", ["archive.zip", "archive.unzip"])
def test_a_password_that_may_be_left_out_is_a_secret_all_the_same(name):
    assert registered()[name].secrets() == {"password"}
