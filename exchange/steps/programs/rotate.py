"""Turn pages of a PDF."""

from pathlib import Path
from typing import Any

from pages import pages_chosen
from pdf import DAMAGED, pdf_open
from protocol import Control, Refused, run


def rotate(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Turn the pages that were chosen, each once; counts them."""
    pdf = pdf_open(source)
    chosen = sorted({number for pages in pages_chosen(arguments["ranges"], len(pdf.pages)) for number in pages})
    try:
        for done, number in enumerate(chosen, 1):
            pdf.pages[number].rotate(arguments["degrees"], relative=True)
            control.progress(done, len(chosen))
        pdf.save(target)
    except DAMAGED:
        raise Refused("corrupt") from None
    return {"pages": len(chosen)}


if __name__ == "__main__":
    run(rotate)
