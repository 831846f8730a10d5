"""Remove metadata: PDF, Office documents, pictures."""

from pathlib import Path
from typing import Any

from protocol import Control, Refused, run


def scrub(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Remove what the kind of document hides; counts what went, by kind."""
    kind = arguments["kind"]
    if kind == "pdf":
        from scrub_pdf import pdf_scrub as work
    elif kind == "office":
        from scrub_office import office_scrub as work
    elif kind == "picture":
        from scrub_picture import picture_scrub as work
    else:
        raise Refused("unsupported")
    report = work(source, target)
    control.progress(1, 1)
    return report


if __name__ == "__main__":
    run(scrub)
