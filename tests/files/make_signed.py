"""Make the signed sample in exchange/steps/samples: `python -m tests.files.make_signed`, always the same."""

import io
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from tests.files.make_samples import FOLDER
from vault.certificate import certificate_make
from vault.cms import cms_sign


def signed(path: Path, source: Path) -> None:
    """The document, signed by a key that everybody knows."""
    at = datetime(2026, 11, 25, 12, tzinfo=UTC)
    key = ec.derive_private_key(0x5EA1, ec.SECP256R1())
    certificate = certificate_make(key, name="Sample of Sealpost", now=at, serial=1)
    writer = IncrementalPdfFileWriter(io.BytesIO(source.read_bytes()))
    writer._document_id[1] = generic.ByteStringObject(b"Sealpost")
    writer._update_meta = lambda: None  # it would write when this was
    out = io.BytesIO()
    steps = PdfCMSEmbedder().write_cms("Signature", writer)
    next(steps)
    steps.send(SigObjSetup(SignatureObject(at, SigSeedSubFilter.PADES, bytes_reserved=2048)))
    place, _ = steps.send(SigIOSetup("sha256", output=out))
    steps.send(cms_sign(key, certificate, sha256=place.document_digest))
    path.write_bytes(out.getvalue())


if __name__ == "__main__":
    signed(FOLDER / "signed.pdf", FOLDER / "document.pdf")
