"""preview.render: pictures of pages."""

from typing import Any, Literal

from pydantic import Field, model_validator

from exchange.sandbox import Limits
from exchange.steps.base import PDF, PICTURES, Product, Step, StepContext, step

_PAGES_MOST = 2000
_AT_ONCE = 200
_STEM_MOST = 200


@step(
    "preview.render",
    title="Make preview pictures of pages",
    version=1,
    consumes={PDF, *PICTURES},
    program="preview",
    unit="pages",
    cardinality="split",
    sample="document.pdf",
    sample_parameters={"width": 200},
    limits=Limits(seconds=300, memory_mb=2048),
)
class Preview(Step):
    """A picture of each page of PDFs and TIFFs, and one of other pictures; they carry pixels alone.

    Pages that a document does not have are left out; one that has none of them is refused.
    """

    width: int = Field(default=400, ge=32, le=2000, description="Pixels that each is wide; pictures never grow.")
    first_page: int = Field(default=1, ge=1, le=_PAGES_MOST, description="The first page to draw.")
    last_page: int = Field(default=20, ge=1, le=_PAGES_MOST, description="The last page to draw.")
    format: Literal["png", "webp"] = Field(default="png", description="PNG is sharp, WebP is small.")

    @model_validator(mode="after")
    def _bounded(self) -> "Preview":
        if not 0 <= self.last_page - self.first_page < _AT_ONCE:
            raise ValueError(f"must be from one page to a later one, of at most {_AT_ONCE} at once")
        return self

    def product(self, media_type: str) -> Product:
        return Product("")

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        stem = (context.name.rpartition(".")[0] or context.name or "preview")[:_STEM_MOST]
        return {
            "media_type": media_type,
            "kind": self.format,
            "stem": stem,
            **self.model_dump(include={"width", "first_page", "last_page"}),
        }
