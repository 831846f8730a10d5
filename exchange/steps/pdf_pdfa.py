"""pdf.pdfa: PDFs for archives."""

from exchange.sandbox import Limits
from exchange.steps.base import PDF, Step, step


@step(
    "pdf.pdfa",
    title="Make the PDFs PDF/A for archives",
    version=1,
    consumes={PDF},
    program="pdfa",
    unit="documents",
    before=("pdf.sign",),
    sample="archive.pdf",
    limits=Limits(seconds=120, memory_mb=1024),
)
class PdfA(Step):
    """PDF/A-2b: what the document needs to be shown is in it, and nothing in it runs or points to what may be gone.

    Pages keep their content. Scripts, hidden annotations and metadata that archives refuse are removed; colours are
    declared as sRGB. The result is checked in the rules of ISO 19005-2 before it is delivered; a document that the
    check does not know to conform, as one whose fonts are not embedded, is refused.
    """
