"""Writing tables row by row, in little memory."""

import csv
import json
import warnings
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import xlsxwriter
from protocol import WORK, Refused
from table_text import DELIMITERS
from table_values import DIGITS_MOST, Cell, is_formula, plain, text_of

_SHEET = "Table"
_CELL_MOST = 32_767  # what Excel holds in one
_FIRST_DAY = date(1900, 3, 1)  # before it Excel counts a day that never was
_FORMATS = {
    datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd", time: "hh:mm:ss", timedelta: "[hh]:mm:ss",
}  # fmt: skip
_OPTIONS = {
    "constant_memory": True, "tmpdir": str(WORK), "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False,
}  # fmt: skip


class _Writer:
    def __init__(self, target: Path, *, delimiter: str, decimal: str) -> None:
        self._target, self._delimiter, self._decimal = target, DELIMITERS[delimiter], decimal
        self.neutralised = 0

    def __enter__(self) -> "_Writer":
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._close()

    def _open(self) -> None:
        self._file = self._target.open("w", encoding="utf-8", newline="")

    def _close(self) -> None:
        self._file.close()

    def row(self, cells: list[Cell]) -> None:
        raise NotImplementedError


class CsvWriter(_Writer):
    """RFC 4180; an apostrophe stands before what would be a formula."""

    def _open(self) -> None:
        super()._open()
        self._csv = csv.writer(self._file, delimiter=self._delimiter, lineterminator="\r\n")

    def row(self, cells: list[Cell]) -> None:
        self._csv.writerow([self._cell(cell) for cell in cells])

    def _cell(self, cell: Cell) -> str:
        text = text_of(cell, self._decimal)
        if isinstance(cell, str) and is_formula(cell):
            self.neutralised += 1
            return f"'{text}"
        return text


class LinesWriter(_Writer):
    """An object a line, whose members the first row names."""

    _names: list[str] | None = None

    def row(self, cells: list[Cell]) -> None:
        if self._names is None:
            self._names = names_made([text_of(cell) for cell in cells])
            return
        if len(cells) > len(self._names):
            self._names = names_made([*self._names, *[""] * (len(cells) - len(self._names))])
        members = dict(zip(self._names, map(plain, cells), strict=False))
        self._file.write(json.dumps(members, ensure_ascii=False) + "\n")


def names_made(texts: list[str]) -> list[str]:
    """A name for each column, none twice."""
    taken: set[str] = set()
    for number, text in enumerate(texts, 1):
        name, count = text.strip() or f"Column {number}", 1
        base = name
        while name in taken:
            count += 1
            name = f"{base} ({count})"
        taken.add(name)
        texts[number - 1] = name
    return texts


class XlsxWriter(_Writer):
    """One sheet whose text cells are never formulas; dates as such."""

    def _open(self) -> None:
        warnings.simplefilter("ignore")  # a cell that is refused is seen by its answer
        self._book = xlsxwriter.Workbook(str(self._target), _OPTIONS)
        self._book.set_properties({"created": datetime(1980, 1, 1)})
        self._sheet = self._book.add_worksheet(_SHEET)
        self._formats = {kind: self._book.add_format({"num_format": shape}) for kind, shape in _FORMATS.items()}
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._number = 0

    def _close(self) -> None:
        self._book.close()

    def row(self, cells: list[Cell]) -> None:
        for column, cell in enumerate(cells):
            if cell is not None and cell != "":
                self._write(self._number, column, cell)
        self._number += 1

    def _write(self, row: int, column: int, cell: Any) -> None:
        if isinstance(cell, bool):
            self._sheet.write_boolean(row, column, cell)
        elif isinstance(cell, int | float | Decimal) and _exact(cell):
            self._sheet.write_number(row, column, cell)
        elif shape := self._shape(cell):
            self._sheet.write_datetime(row, column, cell, shape)
        else:
            self._text(row, column, text_of(cell))

    def _shape(self, cell: Any) -> Any:
        if isinstance(cell, date) and (cell.date() if isinstance(cell, datetime) else cell) < _FIRST_DAY:
            return None
        if isinstance(cell, timedelta) and cell < timedelta():
            return None
        return self._formats.get(type(cell))

    def _text(self, row: int, column: int, text: str) -> None:
        if len(text) > _CELL_MOST:
            raise Refused("unsupported")
        formula = is_formula(text)
        self.neutralised += formula
        self._sheet.write_string(row, column, text, self._quoted if formula else None)


def _exact(number: Any) -> bool:
    """Whether a spreadsheet gives the number back as it was."""
    return isinstance(number, float) or abs(number) < 10**DIGITS_MOST


WRITERS: dict[str, Any] = {"csv": CsvWriter, "jsonl": LinesWriter, "xlsx": XlsxWriter}
