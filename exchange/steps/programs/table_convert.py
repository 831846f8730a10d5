"""Tables into CSV, XLSX or JSON lines; no cell of the result is a formula."""

from pathlib import Path
from typing import Any

from protocol import Control, run
from table_source import table_rows
from table_values import Cell, typed
from table_write import WRITERS


def convert(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Counts of rows and columns, and of cells that were kept from being formulas."""
    to, decimal, dates = arguments["to"], arguments["decimal"], arguments["dates"]
    # CSV stays as it is written when it becomes CSV again.
    typing = arguments["kind"] == "text" and to != "csv"
    rows = columns = 0
    with WRITERS[to](target, delimiter=arguments["written"], decimal=decimal) as writer:
        for _, row in table_rows(source, arguments, control):
            cells: list[Cell] = row
            if typing and rows:
                cells = [typed(cell, decimal=decimal, dates=dates) if isinstance(cell, str) else cell for cell in row]
            writer.row(cells)
            rows, columns = rows + 1, max(columns, len(row))
    return {"rows": rows, "columns": columns, "neutralised": writer.neutralised}


if __name__ == "__main__":
    run(convert)
