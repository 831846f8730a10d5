"""pdf.protect and pdf.unlock: a password that keeps others out, and what comes back with it."""

import io

import pikepdf
import pypdfium2
import pytest

from exchange.steps.base import PDF, StepParametersInvalid
from exchange.steps.registry import step_parse
from tests.documents import pdf, pdf_texts
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.pdfs import encrypted, signed

PASSWORD = "grüße to you"


@pytest.fixture
def contract(tmp_path) -> bytes:
    return pdf(tmp_path / "contract.pdf").read_bytes()


def test_it_opens_with_the_password_alone(apply, contract):
    done = apply("pdf.protect", contract, PDF, password=PASSWORD)
    assert b"Contract" not in done.content
    for wrong in ("", "another password"):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(done.content), password=wrong)
    with pikepdf.open(io.BytesIO(done.content), password=PASSWORD) as document:
        assert (document.encryption.R, document.encryption.bits) == (6, 256)
        assert document.encryption.stream_method == pikepdf.models.EncryptionMethod.aesv3
        assert document.user_password_matched and not document.owner_password_matched
    assert len(pypdfium2.PdfDocument(done.content, password=PASSWORD)) == 3


@pytest.mark.parametrize("allowed", ["printing", "copying", "filling", "changing"])
def test_what_is_allowed_is_what_was_said(apply, contract, allowed):
    said = dict.fromkeys(("printing", "copying", "filling", "changing"), False) | {allowed: True}
    done = apply("pdf.protect", contract, PDF, password=PASSWORD, **said)
    with pikepdf.open(io.BytesIO(done.content), password=PASSWORD) as document:
        allow = document.allow
    assert allow.accessibility
    assert (allow.print_highres, allow.extract, allow.modify_form, allow.modify_other) == tuple(said.values())
    assert (allow.print_lowres, allow.modify_annotation, allow.modify_assembly) == (
        said["printing"], said["filling"], said["changing"],
    )  # fmt: skip


def test_what_was_protected_is_unlocked(apply, contract):
    done = apply("pdf.unlock", apply("pdf.protect", contract, PDF, password=PASSWORD).content, PDF, password=PASSWORD)
    assert pdf_texts(done.content) == pdf_texts(contract)
    assert done.report == {"pages": 3}


@pytest.mark.parametrize(("revision", "password"), [(2, "secret"), (3, "owner"), (4, "secret"), (6, "owner")])
def test_either_password_of_any_kind_of_protection_unlocks(apply, contract, revision, password):
    kind = {"R": revision, "aes": revision > 3, "metadata": revision > 3}
    done = apply("pdf.unlock", encrypted(contract, **kind), PDF, password=password)
    assert pdf_texts(done.content) == pdf_texts(contract)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (encrypted, "password_wrong"),
        (lambda content: encrypted(content, user=""), "password_wrong"),
        (lambda content: content, "not_protected"),
        (lambda content: encrypted(signed(content), user="wrong pass"), "signed"),
        (lambda content: encrypted(content, user="wrong pass")[:600], "corrupt"),
        (lambda content: b"", "corrupt"),
        (lambda content: b"PK\x03\x04 not a pdf", "corrupt"),
    ],
    ids=["wrong", "owner-alone", "open", "signed", "cut", "empty", "zip"],
)
def test_what_cannot_be_unlocked_has_a_code(code, contract, damage, expected):
    assert code("pdf.unlock", damage(contract), PDF, password="wrong pass") == expected


@pytest.mark.parametrize(
    ("step", "parameters", "says"),
    [
        ("pdf.protect", {}, "password"),
        ("pdf.protect", {"password": "seven77"}, "password"),
        ("pdf.protect", {"password": "ü" * 64}, "must have at most 127 bytes"),
        ("pdf.unlock", {"password": ""}, "password"),
        ("pdf.unlock", {"password": "x" * 129}, "password"),
    ],
)
def test_passwords_that_are_not_taken_are_not_repeated(step, parameters, says):
    with pytest.raises(StepParametersInvalid) as refused:
        step_parse(step, parameters)
    assert says in refused.value.sentence
    assert not parameters.get("password") or parameters["password"] not in refused.value.sentence


@pytest.mark.parametrize("step", ["pdf.protect", "pdf.unlock"])
def test_a_form_shows_the_password_to_nobody(step):
    schema = type(step_parse(step, {"password": PASSWORD})).model_json_schema()["properties"]["password"]
    assert (schema["format"], schema["writeOnly"]) == ("password", True)


def test_mutations_protect(contract):
    assert mutations("pdf.protect", contract, PDF, password=PASSWORD)["ok"]


@pytest.mark.parametrize("revision", [3, 6])
def test_mutations_unlock(contract, revision):
    protected = encrypted(contract, R=revision, aes=revision > 3, metadata=revision > 3)
    assert mutations("pdf.unlock", protected, PDF, count=30, password="secret")["ok"]
