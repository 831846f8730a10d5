"""document.sanitize: a safe copy that is made of pixels alone."""

from collections.abc import Generator, Iterable
from typing import Any, Literal

from pydantic import Field

from exchange.sandbox import Limits
from exchange.steps.base import PDF, PICTURES, Product, Stage, Step, StepContext, step
from exchange.steps.pixels import pixels_checked

Language = Literal["deu", "eng"]
_PAPER_INCHES = 11.69  # a picture becomes a page no longer than A4, with all its pixels
_SECONDS = 1800
_PROCESSES = 16


@step(
    "document.sanitize",
    title="Make a safe copy of PDFs and pictures",
    version=1,
    consumes={PDF} | PICTURES,
    program="pixels",
    unit="pages",
    before=("pdf.sign",),
    heavy=True,
    sample="document.pdf",
    sample_parameters={"dpi": 72},
    limits=Limits(seconds=_SECONDS, memory_mb=2048),
)
class Sanitize(Step):
    """Each document is drawn in one sandbox, and a new PDF is built of the pixels in another: nothing else crosses.

    Scripts, links, attachments, metadata, hidden text, form fields and signatures cannot survive this; neither
    can the text that one could search or copy, unless it is read again by OCR. Pages of a TIFF all become pages; of
    an animation the first picture does. Office documents are made PDFs first, by the step for that.
    """

    dpi: int = Field(default=150, ge=72, le=300, description="Dots an inch: 150 reads well, 300 prints well.")
    ocr: bool = Field(default=False, description="Read the pages, so that their text can be searched and copied.")
    languages: list[Language] = Field(
        default=["eng", "deu"], min_length=1, max_length=2, description="Languages of the text, for reading it."
    )

    def needs(self) -> tuple[str, ...]:
        return ("tesseract",) if self.ocr else ()

    def product(self, media_type: str) -> Product:
        return Product(PDF, ".pdf")

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return {"media_type": media_type, "dpi": self.dpi}

    def then(self, media_type: str) -> Stage:
        arguments = {
            "dpi": self.dpi,
            "languages": list(self.languages) if self.ocr else [],
            "longest_inches": _PAPER_INCHES if media_type in PICTURES else 0,
        }
        limits = Limits(seconds=_SECONDS, memory_mb=2048, processes=_PROCESSES if self.ocr else 0)
        return Stage("pixels_pdf", arguments, limits, self.needs())

    def relay(self, untrusted_blocks: Iterable[bytes]) -> Generator[bytes]:
        return pixels_checked(untrusted_blocks)
