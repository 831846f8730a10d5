"""office.to_pdf: documents of an office as PDFs."""

import re
from typing import Any

from pydantic import Field, field_validator

from exchange.sandbox import Limits
from exchange.steps.base import PDF, Product, Step, StepContext, step

_OOXML, _ODF = "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."
_KINDS = {
    f"{_OOXML}wordprocessingml.document": "docx",
    f"{_OOXML}spreadsheetml.sheet": "xlsx",
    f"{_OOXML}presentationml.presentation": "pptx",
    "application/vnd.ms-word.document.macroenabled.12": "docx",
    "application/vnd.ms-excel.sheet.macroenabled.12": "xlsx",
    "application/vnd.ms-powerpoint.presentation.macroenabled.12": "pptx",
    f"{_ODF}text": "odt",
    f"{_ODF}spreadsheet": "ods",
    f"{_ODF}presentation": "odp",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/rtf": "rtf",
    "text/csv": "csv",
    "text/html": "html",
    "text/plain": "txt",
}
_RANGE = re.compile(r"([1-9][0-9]{0,3})(?:-([1-9][0-9]{0,3}))?")
_PAGES_MOST = 2000


def _pages(ranges: str) -> set[int]:
    """The pages of ranges like "1-3,5"; ValueError where they are none."""
    pages: set[int] = set()
    for one in ranges.split(","):
        found = _RANGE.fullmatch(one)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if not first <= last <= _PAGES_MOST:
            raise ValueError(f"must be pages like 1-3,5 up to {_PAGES_MOST}")
        pages.update(range(first, last + 1))
    return pages


@step(
    "office.to_pdf",
    title="Turn Office documents into PDFs",
    version=1,
    consumes=set(_KINDS),
    program="office",
    unit="documents",
    before=("pdf.stamp", "pdf.ocr", "pdf.pdfa", "pdf.sign"),
    tools=("soffice",),
    heavy=True,
    sample="document.docx",
    limits=Limits(seconds=300, memory_mb=2048),
)
class OfficeToPdf(Step):
    """Word, Excel, PowerPoint, OpenDocument, RTF, CSV, HTML and text files become PDFs as LibreOffice lays them out.

    Fonts that this server does not have are replaced by others. Macros are never run, links and fields are not updated,
    and nothing is fetched from elsewhere. A document with a password is refused.
    """

    pages: str = Field(
        default="", max_length=200, description="Pages of the result to keep, like 1-3,5; empty keeps all of them."
    )
    pdfa: bool = Field(
        default=False, description="Make a PDF/A-2b for archives, and check that it is one before it is delivered."
    )

    @field_validator("pages")
    @classmethod
    def _ranges(cls, pages: str) -> str:
        pages = pages.replace(" ", "")
        if pages:
            _pages(pages)
        return pages

    def product(self, media_type: str) -> Product:
        return Product(PDF, ".pdf")

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        least = len(_pages(self.pages)) if self.pages else 1
        return {"kind": _KINDS[media_type], "pages": self.pages, "pages_least": least, "pdfa": self.pdfa}
