"""Turn a document of an office into a PDF."""

import os
import sys
from pathlib import Path
from typing import Any

import pikepdf
from office_check import office_check
from office_kit import Office
from protocol import WORK, Control, Refused, run

_PAGES_MOST = 2000


def to_pdf(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Convert; counts the pages. `pages` are ranges of which all must be there."""
    named, made = WORK / f"document.{arguments['kind']}", WORK / "made.pdf"
    source.rename(named)
    reading = office_check(named, arguments["kind"])
    control.progress(0, 1)
    options = {}
    if arguments["pages"]:
        options["PageRange"] = {"type": "string", "value": arguments["pages"]}
    if arguments["pdfa"]:
        options["SelectPdfVersion"] = {"type": "long", "value": "2"}
    office = Office()
    control.result("corrupt")  # so it ends where LibreOffice crashes on the document; what is said later counts
    office.to_pdf(reading, made, options)
    pages = _pages(made)
    if pages < arguments["pages_least"]:
        raise Refused("page_missing")
    report = {"pages": pages}
    if arguments["pdfa"]:
        from pdfa_save import pdfa_save

        pdfa_save(made, target, control)
        report["pdfa_checked"] = 1
    else:
        made.rename(target)
    control.progress(1, 1)
    return report


def _pages(made: Path) -> int:
    try:
        with pikepdf.open(made) as pdf:
            pages = len(pdf.pages)
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError):
        raise Refused("corrupt") from None
    if pages > _PAGES_MOST:
        raise Refused("too_many_pages")
    return pages


if __name__ == "__main__":
    run(to_pdf)
    sys.stdout.flush()
    os._exit(0)  # without LibreOffice's own way to its end, which is long and may fail
