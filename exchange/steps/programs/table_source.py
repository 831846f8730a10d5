"""Rows of a table, whatever it is written in, within bounds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from protocol import Control, Refused
from table_text import csv_rows, lines_rows
from table_values import Cell

ROWS_MOST, COLUMNS_MOST, CELLS_MOST = 1_000_000, 1_000, 10_000_000
_PROGRESS_ROWS = 10_000


def table_rows(source: Path, arguments: dict[str, Any], control: Control) -> Iterator[tuple[int, list[Cell]]]:
    """Rows that hold something, with the number that a spreadsheet shows beside them; the first names the columns.

    Cells of a CSV file are text; of JSON lines, row 0 holds the names of the members and nested values are JSON.
    Refused `too_many_rows`, `document_empty`, and what the readers refuse.
    """
    rows, cells, number = 0, 0, 0
    for number, row in _read(source, arguments, control):
        rows, cells = rows + 1, cells + len(row)
        if rows > ROWS_MOST or len(row) > COLUMNS_MOST or cells > CELLS_MOST:
            raise Refused("too_many_rows")
        yield number, row
        if rows % _PROGRESS_ROWS == 0:
            control.progress(rows, 0)
    if not rows:
        raise Refused("document_empty")
    control.progress(rows, rows)


def _read(source: Path, arguments: dict[str, Any], control: Control) -> Iterator[tuple[int, list[Cell]]]:
    kind = arguments["kind"]
    if kind == "text":
        return csv_rows(source, encoding=arguments["encoding"], delimiter=arguments["delimiter"])
    if kind == "lines":
        return lines_rows(source, columns_most=COLUMNS_MOST)
    from table_workbook import workbook_rows  # loads calamine

    return workbook_rows(source, kind=kind, sheet=arguments["sheet"], cells_most=CELLS_MOST, control=control)
