"""Kinds of documents in words."""

import pytest
from pydantic import TypeAdapter

from accounts.rules.schema import Types
from exchange.steps.content_type import content_type_detect
from exchange.steps.kinds import KINDS, endings_of, kind_words, type_by_name
from tests.exchange.steps.test_content_type import package


def kind(key: str) -> tuple[str, ...]:
    return next(one.types for one in KINDS if one.key == key)


@pytest.mark.parametrize("one", KINDS, ids=lambda one: one.key)
def test_every_kind_can_stand_in_a_policy_and_no_type_in_two(one):
    assert TypeAdapter(Types).validate_python(one.types) == one.types
    others = {media_type for other in KINDS if other is not one for media_type in other.types}
    assert not others & set(one.types)
    assert {media_type for _, media_type in one.endings} <= {*one.types, "image/heic"}


@pytest.mark.parametrize(
    ("names", "key"),
    [
        ("a.pdf A.PDF", "pdf"),
        ("a.docx a.doc a.odt a.rtf", "word"),
        ("a.xlsx a.xls a.ods a.csv", "sheets"),
        ("a.pptx a.ppt a.odp", "slides"),
        ("a.docm a.xlsm a.pptm", "macros"),
        ("a.zip a.7z a.rar a.tar a.tar.gz a.tgz a.gz a.bz2 a.xz a.zst a.iso a.cab", "archives"),
        ("a.exe a.dll a.scr a.com a.msi a.bat a.cmd a.ps1 a.vbs a.js a.sh a.jar a.apk a.deb", "programs"),
        ("a.eml a.msg", "mail"),
        ("a.html a.xml", "web"),
    ],
)
def test_names_announce_their_kind(names, key):
    assert {name: kind_words(type_by_name(name)) for name in names.split()} == {
        name: next(one.words for one in KINDS if one.key == key) for name in names.split()
    }


@pytest.mark.parametrize("name", ["contract", "a.", ".hidden-nothing", "a.unheardof", ""])
def test_a_name_may_announce_nothing(name):
    assert type_by_name(name) is None


def test_a_type_without_a_word_is_its_own():
    assert kind_words("application/x-own") == "application/x-own"
    assert kind_words("image/webp") == "Images"


def test_endings_of_types_for_those_who_judge_before():
    assert {".zip", ".7z", ".gz", ".rar"} <= set(endings_of(kind("archives")))
    assert ".pdf" not in endings_of(kind("archives"))
    assert {".png", ".jpg", ".heic"} <= set(endings_of(("image/*",)))
    assert {".exe", ".scr", ".bat"} <= set(endings_of(kind("programs")))
    assert endings_of(()) == []


def test_an_archive_with_the_name_of_an_office_document_stays_an_archive():
    plain, whole = package("photo.jpg"), package("word/numbering.xml", "word/document.xml", "[Content_Types].xml")
    assert content_type_detect(plain, name="a.docx", untrusted_suffix=plain).media_type == "application/zip"
    found = content_type_detect(whole, name="a.docx", untrusted_suffix=whole)
    assert kind_words(found.media_type) == "Word and other text documents"
    assert found.agrees


@pytest.mark.parametrize(
    ("content", "name", "words", "agrees"),
    [
        (b"MZ\x90\0" + bytes(100), "a.exe", "Programs and scripts", True),
        (b"MZ\x90\0" + bytes(100), "a.pdf", "Programs and scripts", False),
        (b"\x7fELF\2\1\1" + bytes(100), "tool", "Programs and scripts", True),
        (b"\x1f\x8b\x08" + bytes(50), "a.tar.gz", "Archives", True),
        (b"Rar!\x1a\x07\x01\0" + bytes(50), "holiday.png", "Archives", False),
        (package("[Content_Types].xml", "word/document.xml"), "a.docm", "Office documents with macros", True),
    ],
)
def test_content_says_the_kind_whatever_the_name(content, name, words, agrees):
    found = content_type_detect(content, name=name, untrusted_suffix=content)
    assert (kind_words(found.media_type), found.agrees) == (words, agrees)
