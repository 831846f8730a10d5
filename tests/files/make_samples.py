"""Make the files in exchange/steps/samples for each step's self-test: `python -m tests.files.make_samples`."""

import zipfile
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tests.files.make_invoices import ubl

_FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
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


def paper(path: Path) -> None:
    """A page whose font is in the file."""
    pdfmetrics.registerFont(TTFont("Vera", str(_FONT)))
    canvas = Canvas(str(path), pagesize=A4, invariant=1, initialFontName="Vera")
    canvas.setFont("Vera", 14)
    canvas.drawString(72, 760, "Sample of Sealpost for an archive")
    canvas.save()


def scanned(text: str) -> Image.Image:
    """A page as a scanner sees it, at 150 dots an inch."""
    page = Image.new("1", (1240, 1754), 1)
    ImageDraw.Draw(page).multiline_text((150, 200), text, fill=0, font=ImageFont.truetype(_FONT, 40), spacing=24)
    return page


def scan(path: Path, *texts: str) -> None:
    """Pages that are pictures of text and nothing else."""
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    for text in texts:
        canvas.drawImage(ImageReader(scanned(text)), 0, 0, *A4)
        canvas.showPage()
    canvas.save()


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def word(path: Path, *paragraphs: str) -> None:
    """A Word document of these paragraphs, each on a page of its own."""
    body = "".join(
        f'<w:p><w:pPr><w:pageBreakBefore w:val="{"true" if number else "false"}"/></w:pPr><w:r><w:t>{text}</w:t></w:r>'
        "</w:p>"
        for number, text in enumerate(paragraphs)
    )
    entries = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in entries.items():
            package.writestr(zipfile.ZipInfo(name), f'<?xml version="1.0" encoding="UTF-8"?>{content}')


if __name__ == "__main__":
    document(FOLDER / "document.pdf")
    table(FOLDER / "table.csv")
    archive(FOLDER / "archive.zip")
    picture(FOLDER / "picture.png")
    paper(FOLDER / "archive.pdf")
    scan(FOLDER / "scan.pdf", "The quick brown fox\njumps over the lazy dog")
    word(FOLDER / "document.docx", "Sample of Sealpost, page 1 of 2", "Sample of Sealpost, page 2 of 2")
    document(FOLDER / "protected.pdf", password="only a sample")
    (FOLDER / "invoice.xml").write_text(ubl(), encoding="utf-8")
