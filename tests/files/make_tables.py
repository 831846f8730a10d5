"""Make tests/files/tables: a workbook as LibreOffice itself writes it, `python -m tests.files.make_tables`.

Needs LibreOffice; two sheets, a formula with its value, a date, a leading zero, text that looks like a formula, and
empty rows and columns before the table of the second sheet.
"""

import subprocess
import tempfile
from datetime import date
from pathlib import Path

import xlsxwriter

FOLDER = Path(__file__).parent / "tables"


def source(path: Path) -> None:
    """What LibreOffice computes and writes anew."""
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("Orders")
        sheet.write_row(0, 0, ["Item", "Number", "Price", "Ordered", "Total", "Paid"])
        for row, (item, number, price) in enumerate([("Paper", "007", 12.5), ("=1+1", "0815", -3)], 1):
            sheet.write_string(row, 0, item)
            sheet.write_string(row, 1, number)
            sheet.write_number(row, 2, price)
            sheet.write_datetime(row, 3, date(2026, 11, 23 + row), day)
            sheet.write_formula(row, 4, f"=C{row + 1}*2", None, price * 2)
            sheet.write_boolean(row, 5, row == 1)
        later = book.add_worksheet("Later")
        later.write_row(2, 1, ["A", "B"])
        later.write_row(4, 1, [1, "ä€"])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "orders.xlsx"
        source(made)
        for ending in ("xlsx", "ods"):
            subprocess.run(
                ["soffice", "--headless", "--convert-to", ending, "--outdir", str(FOLDER), str(made)], check=True
            )
