"""Keys by which organisations sign documents: one an organisation, bound to it, and never in the database in clear."""

import hashlib
import shutil
import subprocess
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.utils import timezone
from django_scopes import scopes_disabled

from sealpost.errors import DecryptionError
from tests.vault.conftest import OTHER, OWNER
from vault.errors import RingMissing
from vault.models import DocumentKey
from vault.services import DocumentSigner, TemporarySigner, document_keys_delete, ring_shred, secret_unwrap

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rings")]
ASTER = DocumentSigner(OWNER, "Aster Legal")
DIGEST = hashlib.sha256(b"document").digest()


def rows() -> list[DocumentKey]:
    """Every key of everybody."""
    with scopes_disabled():
        return list(DocumentKey.objects.order_by("created_at"))


def change(row: DocumentKey, **values) -> None:
    """Alter a row as whoever can write to the database."""
    with scopes_disabled():
        assert DocumentKey.objects.filter(id=row.id).update(**values) == 1


def private_of(row: DocumentKey) -> bytes:
    """DER of a key, as the vault alone can open it."""
    return secret_unwrap(
        owner=row.owner, purpose="document-key", row=str(row.id), wrapped=bytes(row.wrapped_private)
    )  # fmt: skip


def test_an_organisation_has_one_key_made_on_first_use_and_another_one_another():
    assert not rows()
    assert ASTER.certificate() == ASTER.certificate() == ASTER.certificates()[0]
    ASTER.sign(DIGEST)
    assert [row.owner for row in rows()] == [OWNER]
    assert DocumentSigner(OTHER, "Aster Legal").certificate() != ASTER.certificate()


def test_the_certificate_says_whose_it_is_how_long_and_for_what():
    certificate = x509.load_der_x509_certificate(ASTER.certificate())
    assert certificate.subject.rfc4514_string() == "CN=Aster Legal,O=Aster Legal"
    assert certificate.issuer == certificate.subject
    certificate.verify_directly_issued_by(certificate)
    assert certificate.public_key().curve.name == "secp256r1"
    lasts = certificate.not_valid_after_utc - timezone.now()
    assert timedelta(days=1094) < lasts < timedelta(days=1096)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature and usage.content_commitment and not usage.key_cert_sign
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False


def test_neither_key_nor_certificate_is_in_the_database_in_clear():
    certificate = ASTER.certificate()
    (row,) = rows()
    private = serialization.load_der_private_key(private_of(row), password=None)
    scalar = private.private_numbers().private_value.to_bytes(32, "big")
    kept = bytes(row.wrapped_private) + bytes(row.wrapped_certificate)
    assert scalar in private_of(row)
    assert scalar not in kept and certificate[20:40] not in kept and b"Aster" not in kept


def test_a_row_that_was_moved_to_another_organisation_does_not_sign():
    ASTER.certificate()
    change(*rows(), owner=OTHER)
    with pytest.raises(DecryptionError):
        DocumentSigner(OTHER, "Aster Legal").sign(DIGEST)


def test_private_halves_exchanged_between_rows_of_one_owner_do_not_open():
    ASTER.certificate()
    DocumentSigner(OWNER, "Aster Legal & Co").certificate()
    first, second = rows()
    change(first, wrapped_private=second.wrapped_private)
    change(second, wrapped_private=first.wrapped_private)
    with pytest.raises(DecryptionError):
        DocumentSigner(OWNER, "Aster Legal & Co").sign(DIGEST)


def test_another_name_and_a_certificate_that_ends_soon_make_a_new_key(monkeypatch):
    first = ASTER.certificate()
    second = DocumentSigner(OWNER, "Aster Law").certificate()
    later = timezone.now() + timedelta(days=3 * 365 - 89)
    monkeypatch.setattr(timezone, "now", lambda: later)
    third = DocumentSigner(OWNER, "Aster Law").certificate()
    assert len({first, second, third}) == 3
    assert ASTER.certificates() == [third, second, first]
    assert DocumentSigner(OWNER, "Aster Law").certificate() == third


def test_a_name_longer_than_certificates_have_room_for_is_cut_and_still_one_key():
    long = DocumentSigner(OWNER, "Ä" * 200)
    assert long.certificate() == long.certificate()
    assert x509.load_der_x509_certificate(long.certificate()).subject.rfc4514_string().count("Ä") == 64


def test_nothing_signs_once_the_keys_of_an_organisation_are_destroyed():
    ASTER.certificate()
    ring_shred(owner=OWNER)
    with pytest.raises(RingMissing):
        ASTER.sign(DIGEST)
    document_keys_delete(owner=OWNER)
    assert not rows()
    with pytest.raises(RingMissing):
        ASTER.sign(DIGEST)


@pytest.mark.parametrize("digest", [b"", DIGEST[:31], DIGEST + b"x", hashlib.sha512(b"").digest()])
def test_only_digests_are_signed(digest):
    with pytest.raises(ValueError, match="SHA-256"):
        ASTER.sign(digest)


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
@pytest.mark.parametrize(("content", "holds"), [(b"document", True), (b"another", False)])
def test_openssl_reads_the_signature(tmp_path, content, holds):
    signer = TemporarySigner("Aster Legal")
    (tmp_path / "cms").write_bytes(signer.sign(DIGEST))
    (tmp_path / "content").write_bytes(content)
    certificate = x509.load_der_x509_certificate(signer.certificates()[0])
    (tmp_path / "root").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    asked = ["openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-partial_chain", "-purpose", "any"]
    files = ["-in", tmp_path / "cms", "-content", tmp_path / "content", "-CAfile", tmp_path / "root"]
    done = subprocess.run([*asked, *files], check=False, capture_output=True)
    assert b"CAdES" in done.stderr or b"CMS Verification" in done.stderr
    assert (done.returncode == 0) is holds
    assert not holds or done.stdout == content
