"""People who sign PDFs: an authority, those whom it vouches for, and those who vouch for themselves; made afresh."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore


@dataclass(frozen=True)
class Holder:
    """A key and its certificate, issued by another holder or by itself."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: x509.Certificate
    issuer: "Holder | None" = None

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def asn1(self) -> tuple[asn1_x509.Certificate, keys.PrivateKeyInfo]:
        form = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return asn1_x509.Certificate.load(self.der), keys.PrivateKeyInfo.load(self.key.private_bytes(*form))

    @property
    def chain(self) -> SimpleCertificateStore:
        return SimpleCertificateStore.from_certs([self.issuer.asn1[0]] if self.issuer else [])

    def signer(self) -> signers.SimpleSigner:
        return signers.SimpleSigner(*self.asn1, cert_registry=self.chain)


def holder(
    name: str, *, issuer: Holder | None = None, days: tuple[int, int] = (-1, 365), stamps: bool = False
) -> Holder:
    """Somebody of this name; without an issuer, one who may issue. `days` from today that the certificate lasts."""
    now = datetime.now(UTC)
    key = rsa.generate_private_key(65537, 2048) if stamps else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    ca = issuer is None
    builder = (
        x509.CertificateBuilder(subject_name=subject, public_key=key.public_key())
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=True, key_cert_sign=ca, crl_sign=ca, **usage
            ), critical=True,
        )
    )  # fmt: skip
    if stamps:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return Holder(key, builder.sign(issuer.key if issuer else key, hashes.SHA256()), issuer)


def signed(content: bytes, by: Holder, *, stamped_by: Holder | None = None, **metadata: Any) -> bytes:
    """The PDF with an approval signature, or what `metadata` of pyHanko asks for."""
    stamper = DummyTimeStamper(*stamped_by.asn1, certs_to_embed=stamped_by.chain) if stamped_by else None
    asked = {"field_name": "Approval", "md_algorithm": "sha256", "subfilter": SigSeedSubFilter.PADES} | metadata
    out = signers.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(content)), signers.PdfSignatureMetadata(**asked), signer=by.signer(),
        timestamper=stamper,
    )  # fmt: skip
    return out.getvalue()


def updated(content: bytes, change) -> bytes:
    """The PDF with an update at its end, made by `change(writer)`; what is there stays byte for byte."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(content)
    return out.getvalue()
