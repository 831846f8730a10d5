"""Make a PDF a PDF/A-2b."""

from pathlib import Path
from typing import Any

from pdf import pdf_open
from pdfa_save import pdfa_save
from protocol import Control, run


def pdfa(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Convert and check; counts the pages and what was taken out."""
    with pdf_open(source) as pdf:
        pages = len(pdf.pages)
    control.progress(0, 1)
    done = pdfa_save(source, target, control)
    control.progress(1, 1)
    return {
        "pages": pages,
        "pdfa_checked": 1,
        "annotations_removed": done.annotations_removed.total(),
        "scripts_removed": int(done.document_javascript_removed),
        "metadata_removed": len(done.xmp_dropped),
    }


if __name__ == "__main__":
    run(pdfa)
