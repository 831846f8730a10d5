"""Make the files in tests/files/pixels: `python -m tests.files.make_pixels`, which needs LibreOffice (24.8 made them).

One letter as an office writes it, in every format it writes: with ligatures, a word parted at the end of a line, a
table, a link, headings with bookmarks, and the tags that a PDF for everybody has.
"""

import subprocess
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "pixels"
_YES = '{"type":"boolean","value":"true"}'
TAGGED = f'pdf:writer_pdf_Export:{{"UseTaggedPDF":{_YES},"ExportBookmarks":{_YES}}}'
LETTER = """<html><head><meta charset="utf-8"><title>Letter to Ottilie Quastenflosser</title>
<meta name="author" content="Ottilie Quastenflosser"><style>body { font-family: "DejaVu Serif" }</style></head><body>
<h1>Offer for the office in Fiffingen</h1>
<p>Dear Ottilie Quastenflosser,</p>
<p>the first floor of the office is efficient and affordable. Please pay 1,250.00 EUR to
DE89 3704 0044 0532 0130 00 by 30.11.2026, and write to <a href="mailto:ottilie@quastenflosser.example">
ottilie@quastenflosser.example</a> or call +49 30 901820 before noon.</p>
<table border="1"><tr><td>Card</td><td>4111 1111 1111 1111</td></tr><tr><td>Floor</td><td>first</td></tr></table>
<p style="page-break-before: always"></p>
<h2>Terms</h2>
<p>This page names nobody. Every party keeps one copy of it; both are of equal worth &amp; weight, says § 7.</p>
</body></html>
"""


def _office(source: Path, to: str) -> None:
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", to, "--outdir",
             str(source.parent), str(source)],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip


def letters(folder: Path) -> None:
    """letter.html, .odt, .docx, .rtf and .pdf."""
    source = folder / "letter.html"
    source.write_text(LETTER, encoding="utf-8")
    _office(source, "odt:writer8")
    for to in ("docx:MS Word 2007 XML", "rtf:Rich Text Format", TAGGED):
        _office(folder / "letter.odt", to)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    letters(FOLDER)
