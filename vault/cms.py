"""Detached CMS signatures over a digest (RFC 5652), as PAdES B-B has them (ETSI EN 319 142-1). Built, never read."""

import hashlib

from asn1crypto import algos, cms, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

CMS_MOST = 8192  # bytes of a signature; a certificate of others may bring its chain along
_DIGEST = {"algorithm": "sha256"}
_SIGNATURE = {"algorithm": "sha256_ecdsa"}


def cms_sign(private: ec.EllipticCurvePrivateKey, certificate: bytes, *, sha256: bytes) -> bytes:
    """DER of a ContentInfo that says: who holds this certificate (DER) signs what has this 32-byte digest.

    The time is no signed attribute, which PAdES forbids; the document claims it. ECDSA is deterministic (RFC 6979).
    """
    if len(sha256) != hashlib.sha256().digest_size:
        raise ValueError("not a SHA-256 digest")
    signer = x509.Certificate.load(certificate)
    attributes = _attributes(certificate, sha256)
    signed = hashlib.sha256(attributes.untag().dump()).digest()
    algorithm = ec.ECDSA(Prehashed(hashes.SHA256()), deterministic_signing=True)
    signer_info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                name="issuer_and_serial_number",
                value={"issuer": signer.issuer, "serial_number": signer.serial_number},
            ),
            "digest_algorithm": algos.DigestAlgorithm(_DIGEST),
            "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm(_SIGNATURE),
            "signature": private.sign(signed, algorithm),
        }
    )
    signed_data = {
        "version": "v1",
        "digest_algorithms": [algos.DigestAlgorithm(_DIGEST)],
        "encap_content_info": {"content_type": "data"},
        "certificates": [signer],
        "signer_infos": [signer_info],
    }
    content: bytes = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed_data)}).dump()
    return content


def _attributes(certificate: bytes, sha256: bytes) -> cms.CMSAttributes:
    """What is signed: the digest, which certificate it is (RFC 5035), and by which algorithms (RFC 6211)."""
    named = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(certificate).digest()}]})
    algorithms = cms.CMSAlgorithmProtection(
        {
            "digest_algorithm": algos.DigestAlgorithm(_DIGEST),
            "signature_algorithm": algos.SignedDigestAlgorithm(_SIGNATURE),
        }
    )
    values = {
        "content_type": "data",
        "message_digest": sha256,
        "signing_certificate_v2": named,
        "cms_algorithm_protection": algorithms,
    }
    return cms.CMSAttributes([cms.CMSAttribute({"type": kind, "values": [value]}) for kind, value in values.items()])
