"""Certificates of organisations that sign documents: made here, by the key that they are about (RFC 5280)."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

_VALID = timedelta(days=3 * 365)
_CLOCKS_DIFFER = timedelta(minutes=5)
_NAME_MOST = 64  # ub-common-name and ub-organization-name, which some count in bytes
_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336


def certificate_make(private: ec.EllipticCurvePrivateKey, *, name: str, now: datetime, serial: int = 0) -> bytes:
    """DER of a certificate that lasts three years and issues no others. A random serial where none is given."""
    kinds = (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
    subject = x509.Name([x509.NameAttribute(kind, _cut(name)) for kind in kinds])
    public = private.public_key()
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder(subject_name=subject, issuer_name=subject, public_key=public)
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    made = builder.sign(private, hashes.SHA256(), ecdsa_deterministic=True)
    return made.public_bytes(Encoding.DER)


def certificate_serves(certificate: bytes, *, name: str, until: datetime) -> bool:
    """Whether a certificate that was made here is of this name and lasts until then."""
    read = x509.load_der_x509_certificate(certificate)
    named = read.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return [one.value for one in named] == [_cut(name)] and read.not_valid_after_utc > until


def _cut(name: str) -> str:
    return name.encode()[:_NAME_MOST].decode(errors="ignore")
