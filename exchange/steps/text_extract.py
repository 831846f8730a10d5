"""text.extract: what documents say, as plain text."""

from typing import Any, Literal

from pydantic import Field

from exchange.sandbox import Limits
from exchange.steps.base import PDF, Product, Step, StepContext, step

_KINDS = {
    PDF: "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/rtf": "rtf",
    "text/html": "html",
    "text/plain": "plain",
    "text/markdown": "plain",
    "text/csv": "plain",
}


@step(
    "text.extract",
    title="Take the text out of documents",
    version=1,
    consumes=set(_KINDS),
    program="extract",
    unit="documents",
    sample="document.pdf",
    limits=Limits(seconds=300, memory_mb=1024),
)
class Extract(Step):
    """PDFs, Word, OpenDocument, RTF and HTML files become plain text (UTF-8), paragraph by paragraph.

    Pictures, layout and comments are left out; scans have no text, which is why a document that says nothing is
    refused as empty: read it by OCR first. What was hidden in a document may be in its text.
    """

    pages: Literal["line", "form_feed", "none"] = Field(
        default="line", description="Between the pages of a PDF: a line with the number, a form feed, or an empty line."
    )

    def product(self, media_type: str) -> Product:
        return Product("text/plain", ".txt")

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return {"kind": _KINDS[media_type], "pages": self.pages}
