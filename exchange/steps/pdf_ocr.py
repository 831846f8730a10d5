"""pdf.ocr: text in scanned pages."""

from typing import Any, Literal

from pydantic import Field, field_validator

from exchange.sandbox import Limits
from exchange.sandbox.tools import ocr_languages
from exchange.steps.base import PDF, Step, StepContext, step

_MODES = {"skip": "skip", "replace": "force"}


def _languages_offered(schema: dict[str, Any]) -> None:
    schema["items"] = {"type": "string", "enum": ocr_languages(), "x-installed": True}


@step(
    "pdf.ocr",
    title="Make scanned PDFs searchable",
    version=1,
    consumes={PDF},
    program="ocr",
    unit="pages",
    before=("pdf.pdfa", "pdf.sign"),
    tools=("tesseract",),
    heavy=True,
    sample="scan.pdf",
    limits=Limits(seconds=600, memory_mb=2048, processes=64),
)
class Ocr(Step):
    """The text of scanned pages is recognised and put, invisible, where it is seen, so that it can be found and copied.

    Pages look as before, unless what they say is recognised anew. Recognition errs: check what matters.
    """

    languages: list[str] = Field(
        default=["eng"], min_length=1, max_length=4, json_schema_extra=_languages_offered,
        description="Languages of the text, the most frequent one first.",
    )  # fmt: skip
    text: Literal["skip", "replace"] = Field(
        default="skip",
        description="Pages that have text already: skip them, or draw each page as a picture and recognise it anew.",
    )

    @field_validator("languages")
    @classmethod
    def _installed(cls, languages: list[str]) -> list[str]:
        offered = ocr_languages()
        if offered and not set(languages) <= set(offered):
            raise ValueError(f"must be among the languages of this server: {', '.join(offered)}")
        return list(dict.fromkeys(languages))

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return {"languages": self.languages, "mode": _MODES[self.text]}
