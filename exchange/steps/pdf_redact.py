"""pdf.redact: account numbers, addresses and own words go from PDFs, for good."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from exchange.sandbox import Limits
from exchange.steps.base import PDF, Step, StepContext, step
from exchange.steps.document_sanitize import Language

Pattern = Literal["iban", "card", "email", "phone"]
Phrase = Annotated[str, StringConstraints(min_length=3, max_length=80, strip_whitespace=True)]


@step(
    "pdf.redact",
    title="Black out numbers, addresses and words in PDFs",
    version=1,
    consumes={PDF},
    program="redact",
    unit="pages",
    before=("pdf.sign",),
    heavy=True,
    sample="document.pdf",
    sample_parameters={"patterns": ["email"]},
    limits=Limits(seconds=1800, memory_mb=2048, processes=16),
)
class Redact(Step):
    """What is found is not covered but gone: a page with a finding becomes a picture in which it is black.

    Other pages keep what they show, and nothing else: links, comments, bookmarks, attachments, hidden data and
    metadata leave the document; what fields and annotations show stays. Text is found across ends of lines, but not
    in pictures or in shapes unless they are read by OCR, which may overlook some: look at the result before it
    matters. Signed PDFs are refused. The report counts per page and never repeats what was found.
    """

    patterns: list[Pattern] = Field(
        default=[],
        max_length=4,
        description="iban and card (both with their check digits), email, phone (international or with a leading 0).",
    )
    words: list[Phrase] = Field(
        default=[],
        max_length=50,
        description="Own words or phrases, found within longer words as well, with accents or without.",
    )
    any_case: bool = Field(default=True, description="Find words in capital and small letters alike.")
    unsearchable: Literal["refuse", "ocr", "keep"] = Field(
        default="refuse",
        description=(
            "Pages whose text cannot be searched, as scans: refuse the document, read all pictures by OCR, or keep "
            "such pages as they are and report them."
        ),
    )
    languages: list[Language] = Field(
        default=["eng", "deu"], min_length=1, max_length=2, description="Languages of the text, for OCR."
    )
    dpi: int = Field(default=200, ge=100, le=300, description="Dots an inch of the pages that become pictures.")

    @model_validator(mode="after")
    def _something(self) -> "Redact":
        if not self.patterns and not self.words:
            raise ValueError("must look for a pattern or a word")
        return self

    def needs(self) -> tuple[str, ...]:
        return ("tesseract",) if self.unsearchable == "ocr" else ()

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return self.model_dump()
