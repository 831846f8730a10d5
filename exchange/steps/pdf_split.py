"""pdf.split: many PDFs of one."""

from typing import Any, Self

from pydantic import Field, model_validator

from exchange.sandbox import Limits
from exchange.steps.base import PDF, Step, StepContext, step
from exchange.steps.page_ranges import PageRanges, page_ranges


@step(
    "pdf.split",
    title="Split the PDFs",
    version=1,
    consumes={PDF},
    program="split",
    unit="documents",
    cardinality="split",
    before=("pdf.sign", "pdf.protect"),
    sample="document.pdf",
    sample_parameters={"every": 1},
    limits=Limits(seconds=600, memory_mb=2048),
)
class Split(Step):
    """Each part is a PDF of its own that says which pages it has: "contract (pages 1-3).pdf".

    A part holds nothing of the pages that it does not have: bookmarks, links and form fields go with their pages.
    Attached files go with no part; the report counts them. Properties such as title and author, tags for screen
    readers and scripts of the whole document are not carried over. Say either `pages` or `every`.
    """

    pages: PageRanges | None = Field(
        default=None,
        description="A part for each range, such as 1-3, 5, 8- for three; other pages are left out.",
    )
    every: int | None = Field(default=None, ge=1, le=2000, description="A part for every so many pages.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.pages is None) == (self.every is None):
            raise ValueError("must say either pages or every")
        return self

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        ranges = page_ranges(self.pages) if self.pages else None
        return {"ranges": ranges, "every": self.every, "name": context.name}
