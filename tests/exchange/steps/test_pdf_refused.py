"""What every step that changes PDFs refuses, by the same codes."""

import itertools

import pytest

from exchange.steps.base import PDF
from tests.documents import pdf
from tests.exchange.steps.pdfs import blank, changed, encrypted, signed

STEPS: dict[str, dict[str, object]] = {
    "pdf.compress": {},
    "pdf.protect": {"password": "a password"},
    "pdf.split": {"every": 1},
    "pdf.stamp": {"text": "Draft"},
}
DAMAGES = {
    "empty": (lambda content: b"", "corrupt"),
    "cut": (lambda content: content[:300], "corrupt"),
    "zeros": (lambda content: b"%PDF-1.7\n" + bytes(1000), "corrupt"),
    "zip": (lambda content: b"PK\x03\x04 not a pdf", "corrupt"),
    "no-pages": (lambda content: changed(content, lambda pdf: pdf.pages.__delitem__(slice(None))), "corrupt"),
    "password": (encrypted, "password_protected"),
    "owner-password": (lambda content: encrypted(content, user=""), "password_protected"),
    "signed": (signed, "signed"),
    "pages": (lambda content: blank(2001), "too_many_pages"),
}


@pytest.fixture(scope="module")
def contract(tmp_path_factory) -> bytes:
    return pdf(tmp_path_factory.mktemp("refused") / "contract.pdf", pages=3).read_bytes()


@pytest.mark.parametrize(
    ("step", "damage"),
    [*(("pdf.rotate", damage) for damage in DAMAGES), *itertools.product(STEPS, ("cut", "owner-password", "signed"))],
)
def test_a_document_that_cannot_be_changed_has_a_code(code, contract, step, damage):
    """One program opens for all; that each of them asks it is seen by a few."""
    change, expected = DAMAGES[damage]
    assert code(step, change(contract), PDF, **STEPS.get(step, {"degrees": 90})) == expected
