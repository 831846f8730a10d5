"""file.checksum: the digests of a document, for who compares them elsewhere."""

from typing import Any

from pydantic import Field

from exchange.sandbox import Limits
from exchange.steps.base import ANY, Step, StepContext, step


@step(
    "file.checksum",
    title="State the checksum of every document",
    version=1,
    consumes={ANY},
    program="checksum",
    unit="documents",
    report_only=True,
    sample="document.pdf",
    limits=Limits(seconds=120, memory_mb=256),
)
class Checksum(Step):
    """The report gives SHA-256 in hexadecimal, as `sha256sum` does; the document stays as it is.

    It is the checksum of the document as it stands at this place among the steps.
    """

    sha512: bool = Field(default=False, description="Give SHA-512 as well.")
    blake2b: bool = Field(default=False, description="Give BLAKE2b (512 bits) as well.")

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        further = {"sha512": self.sha512, "blake2b": self.blake2b}
        return {"algorithms": ["sha256", *(name for name, wanted in further.items() if wanted)]}
