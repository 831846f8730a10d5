"""Make the files in exchange/steps/samples for each step's self-test: `python -m tests.files.make_samples`."""

from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

FOLDER = Path(__file__).resolve().parents[2] / "exchange" / "steps" / "samples"


def document(path: Path) -> None:
    """Two pages of text."""
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    for number in (1, 2):
        canvas.setFont("Helvetica", 14)
        canvas.drawString(72, 760, f"Sample of Sealpost, page {number} of 2")
        canvas.showPage()
    canvas.save()


if __name__ == "__main__":
    document(FOLDER / "document.pdf")
