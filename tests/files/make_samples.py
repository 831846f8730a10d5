"""Make the files in exchange/steps/samples for each step's self-test: `python -m tests.files.make_samples`."""

import zipfile
from pathlib import Path

from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

FOLDER = Path(__file__).resolve().parents[2] / "exchange" / "steps" / "samples"


def document(path: Path, *, password: str = "") -> None:
    """Two pages of text; a password encrypts by RC4, which alone is the same each time."""
    protection = StandardEncryption(password, "the owner's", strength=128) if password else None
    canvas = Canvas(str(path), pagesize=A4, invariant=1, encrypt=protection)
    for number in (1, 2):
        canvas.setFont("Helvetica", 14)
        canvas.drawString(72, 760, f"Sample of Sealpost, page {number} of 2")
        canvas.showPage()
    canvas.save()


def table(path: Path) -> None:
    """Three rows, among them a cell that a spreadsheet would run."""
    path.write_text('Item,Amount,Date\r\nPaper,12.50,2026-11-24\r\n"=1+1",-5,2026-11-25\r\n', newline="")


def archive(path: Path) -> None:
    """Two files, one of them in a folder."""
    with zipfile.ZipFile(path, "w") as packed:
        for name in ("letter.txt", "folder/letter.txt"):
            packed.writestr(zipfile.ZipInfo(name), f"Sample of Sealpost, {name}\n", zipfile.ZIP_DEFLATED)


def picture(path: Path) -> None:
    """A few shapes."""
    image = Image.new("RGB", (120, 80), (250, 250, 245))
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((10, 10, 60, 60), fill=(30, 90, 160))
    drawing.ellipse((50, 20, 110, 70), fill=(220, 120, 40))
    image.save(path, "PNG")


if __name__ == "__main__":
    document(FOLDER / "document.pdf")
    table(FOLDER / "table.csv")
    archive(FOLDER / "archive.zip")
    picture(FOLDER / "picture.png")
    document(FOLDER / "protected.pdf", password="only a sample")
