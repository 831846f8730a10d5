"""pdf.rotate: turn pages."""

from typing import Any, Literal

from pydantic import Field

from exchange.sandbox import Limits
from exchange.steps.base import PDF, Step, StepContext, step
from exchange.steps.page_ranges import PageRanges, page_ranges


@step(
    "pdf.rotate",
    title="Turn pages of the PDFs",
    version=1,
    consumes={PDF},
    program="rotate",
    unit="pages",
    before=("pdf.sign", "pdf.protect"),
    sample="document.pdf",
    sample_parameters={"degrees": 90},
    limits=Limits(seconds=120, memory_mb=1024),
)
class Rotate(Step):
    """Pages are turned clockwise, from the way they lie now; nothing else changes.

    A document that has fewer pages than asked for, is signed or has a password is refused.
    """

    degrees: Literal[90, 180, 270] = Field(description="How far, clockwise.")
    pages: PageRanges = Field(default="1-", description="Which pages, such as 1-3, 5, 8-; all where nothing is said.")

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return {"degrees": self.degrees, "ranges": page_ranges(self.pages)}
