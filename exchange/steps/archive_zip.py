"""archive.zip: one archive of all documents."""

from typing import Any

from pydantic import Field

from exchange.sandbox import Limits
from exchange.steps.base import ANY, Product, Secret, Step, StepContext, step


@step(
    "archive.zip",
    title="Pack all documents into one archive",
    version=1,
    consumes={ANY},
    program="archive_zip",
    unit="documents",
    cardinality="join",
    sample="document.pdf",
    limits=Limits(seconds=300, memory_mb=1024),
)
class Zip(Step):
    """One ZIP file of all documents of the message; documents of the same name are numbered.

    With a password the content is encrypted with AES-256, which Windows itself cannot open (7-Zip, WinZip and others
    can); the names of the documents stay legible. Tell the recipient the password by another way.
    """

    password: Secret | None = Field(default=None, description="The password that opens the archive; none where empty.")

    def product(self, media_type: str) -> Product:
        return Product("application/zip", ".zip")

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return {"password": self.password}
