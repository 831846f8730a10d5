"""Documents that organisations sign: ECDSA keys on P-256, made on first use, wrapped under the owner's own ring.

ADR 11 says why this kind of key, and what of it a document ever meets: nothing.
"""

from dataclasses import dataclass
from datetime import timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from vault.certificate import certificate_make, certificate_serves
from vault.cms import cms_sign
from vault.models import DocumentKey, KeyRing
from vault.services.secret import secret_unwrap, secret_wrap
from vault.unscoped import unscoped

_PRIVATE, _CERTIFICATE = "document-key", "document-certificate"
_RENEWED_BEFORE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class DocumentSigner:
    """Signs documents for `owner`, an organisation of this name."""

    owner: str
    name: str

    def sign(self, sha256: bytes) -> bytes:
        """A detached CMS signature over a 32-byte digest, of at most 8,192 bytes. RingMissing, DecryptionError."""
        row, certificate = self._current()
        opened = secret_unwrap(owner=self.owner, purpose=_PRIVATE, row=str(row.id), wrapped=bytes(row.wrapped_private))
        private = serialization.load_der_private_key(opened, password=None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        return cms_sign(private, certificate, sha256=sha256)

    def certificate(self) -> bytes:
        """DER of the certificate that signs now; made on first use. RingMissing, DecryptionError."""
        return self._current()[1]

    @unscoped
    def certificates(self) -> list[bytes]:
        """DER of every certificate that ever signed for it, the newest first. RingMissing, DecryptionError."""
        return [_certificate(row) for row in _rows(self.owner)]

    @unscoped
    def _current(self) -> tuple[DocumentKey, bytes]:
        """The newest key, unless its certificate ends soon or has another name. Processes that ask at once get one."""
        found = self._serving()
        if found is None:
            with transaction.atomic():
                KeyRing.objects.select_for_update().filter(owner=self.owner).first()
                found = self._serving() or self._made()
        return found

    def _serving(self) -> tuple[DocumentKey, bytes] | None:
        row = _rows(self.owner).first()
        if row is None:
            return None
        certificate = _certificate(row)
        serves = certificate_serves(certificate, name=self.name, until=timezone.now() + _RENEWED_BEFORE)
        return (row, certificate) if serves else None

    def _made(self) -> tuple[DocumentKey, bytes]:
        private = ec.generate_private_key(ec.SECP256R1())
        certificate = certificate_make(private, name=self.name, now=timezone.now())
        secret = private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        row = DocumentKey(owner=self.owner)
        row.wrapped_private = secret_wrap(owner=self.owner, purpose=_PRIVATE, row=str(row.id), secret=secret)
        row.wrapped_certificate = secret_wrap(
            owner=self.owner, purpose=_CERTIFICATE, row=str(row.id), secret=certificate
        )
        row.save(force_insert=True)
        return row, certificate


class TemporarySigner:
    """Signs by a key that is nobody's and is forgotten with this object: what a self-test needs."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._made = certificate_make(self._private, name=name, now=timezone.now())

    def sign(self, sha256: bytes) -> bytes:
        """As `DocumentSigner.sign`."""
        return cms_sign(self._private, self._made, sha256=sha256)

    def certificates(self) -> list[bytes]:
        """As `DocumentSigner.certificates`."""
        return [self._made]


@unscoped
def document_keys_delete(*, owner: str) -> None:
    """Give up every key that signed documents for `owner`. What they signed stays signed."""
    DocumentKey.objects.filter(owner=owner).delete()


def _rows(owner: str) -> QuerySet[DocumentKey]:
    return DocumentKey.objects.filter(owner=owner).order_by("-created_at", "-id")


def _certificate(row: DocumentKey) -> bytes:
    return secret_unwrap(owner=row.owner, purpose=_CERTIFICATE, row=str(row.id), wrapped=bytes(row.wrapped_certificate))
