"""file.scrub: remove metadata from PDF, Office documents and pictures."""

from typing import Any

from exchange.sandbox import Limits
from exchange.steps.base import PDF, Step, StepContext, step

_OFFICE = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
}
_PICTURES = {"image/jpeg", "image/png", "image/webp", "image/tiff"}


@step(
    "file.scrub",
    title="Remove hidden metadata",
    version=1,
    consumes={PDF} | _OFFICE | _PICTURES,
    program="scrub",
    unit="documents",
    before=("pdf.sign",),
    sample="document.pdf",
    limits=Limits(seconds=120, memory_mb=2048),
)
class Scrub(Step):
    """No parameters: authors, properties, places and thumbnails go, content stays."""

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        kind = "pdf" if media_type == PDF else "office" if media_type in _OFFICE else "picture"
        return {"kind": kind}
