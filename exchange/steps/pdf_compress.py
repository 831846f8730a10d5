"""pdf.compress: the same PDF in fewer bytes."""

from typing import Any, Literal

from pydantic import Field

from exchange.sandbox import Limits
from exchange.steps.base import PDF, Step, StepContext, step

# Dots an inch to which pictures are brought down where they have more, and the quality of JPEG.
_PICTURES: dict[str, tuple[int, int] | None] = {
    "lossless": None,
    "high": (300, 85),
    "medium": (150, 75),
    "low": (96, 55),
}


@step(
    "pdf.compress",
    title="Make the PDFs smaller",
    version=1,
    consumes={PDF},
    program="compress",
    unit="pages",
    before=("pdf.sign", "pdf.protect"),
    sample="document.pdf",
    limits=Limits(seconds=600, memory_mb=2048),
)
class Compress(Step):
    """Text, fonts and drawings stay as they are; what the choice changes is pictures.

    A picture is judged as if it filled its page, so that small ones keep what they have. Pictures in black and white,
    for print (CMYK) or of special kinds stay as they are. Where the result would not be smaller, the document goes on
    as it was, and the report says so. A document that is signed or has a password is refused.
    """

    quality: Literal["lossless", "high", "medium", "low"] = Field(
        default="medium",
        description="Pictures stay as they are (lossless), or have at most 300 dots an inch (high), 150, or 96.",
    )

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return {"pictures": _PICTURES[self.quality]}
