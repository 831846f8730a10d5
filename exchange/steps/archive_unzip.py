"""archive.unzip: the files of an archive as documents."""

from typing import Any, Literal

from pydantic import Field

from exchange.sandbox import Limits
from exchange.steps.base import Product, Secret, Step, StepContext, step


@step(
    "archive.unzip",
    title="Unpack archives",
    version=1,
    consumes={"application/zip"},
    program="archive_unzip",
    unit="files",
    cardinality="split",
    sample="archive.zip",
    limits=Limits(seconds=600, memory_mb=1024),
)
class Unzip(Step):
    """Each file of a ZIP archive becomes a document; empty folders and the hidden files of macOS are left out.

    An archive is refused where it holds another archive, a link, a name that leads out of its folder, more than 10,000
    files, or where it unpacks to more than a hundred times its size.
    """

    folders: Literal["keep", "drop"] = Field(
        default="keep",
        description="Whether the folders stand before a file's name (Contracts – 2026 – offer.pdf) or are left out. "
        "Files that would have the same name are numbered.",
    )
    password: Secret | None = Field(
        default=None, description="The password that opens the archive, where it has one (AES or the old ZipCrypto)."
    )

    def product(self, media_type: str) -> Product:
        return Product("")

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return {"folders": self.folders, "password": self.password}
