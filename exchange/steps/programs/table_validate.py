"""Whether a table has the columns and values that it should; each finding says its row and column."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import re2
from protocol import Control, Refused, run
from table_source import table_rows
from table_values import Cell, date_read, email_is, iban_is, number_read, text_of

_FINDINGS_MOST = 1000
_QUOTED_MOST = 80
_PATTERN_MEMORY = 1 << 20
_BOOLEANS = {"true", "false", "yes", "no", "1", "0"}
_WORDS = {
    "integer": "a whole number", "decimal": "a number", "date": "a date", "boolean": "true or false",
    "email": "an e-mail address", "iban": "an IBAN", "choice": "one of the values that are allowed",
}  # fmt: skip


class Check:
    """What one column must be, and what was seen of it."""

    def __init__(self, column: dict[str, Any], arguments: dict[str, Any]) -> None:
        self.name: str = column["name"].strip()
        self._column, self._decimal, self._dates = column, arguments["decimal"], arguments["dates"]
        self._pattern = _pattern(column["pattern"]) if column["pattern"] is not None else None
        self._least, self._most = (self._bound(column[name]) for name in ("least", "most"))
        self._seen: dict[str, int] = {}
        self._readers: dict[str, Callable[[Cell], Any]] = {
            "text": text_of, "integer": self._integer, "decimal": self._number, "date": self._date,
            "boolean": lambda cell: text_of(cell).strip().lower() in _BOOLEANS or None,
            "email": lambda cell: email_is(text_of(cell).strip()) or None,
            "iban": lambda cell: iban_is(text_of(cell)) or None,
            "choice": lambda cell: text_of(cell) in column["values"] or None,
        }  # fmt: skip

    def faults(self, number: int, cell: Cell) -> list[tuple[str, str]]:
        """Codes of what is wrong with a cell, and what to say of it."""
        text = text_of(cell)
        if not text.strip():
            return [("value_missing", "is empty")] if self._column["required"] else []
        found: list[tuple[str, str]] = []
        value = self._readers[self._column["type"]](cell)
        if value is None:
            code = "value_unknown" if self._column["type"] == "choice" else "type_wrong"
            found.append((code, f"is not {_WORDS[self._column['type']]}"))
        else:
            found += self._outside(value)
        if self._pattern and not self._pattern.fullmatch(text):
            found.append(("pattern_mismatch", "is not of the form that is asked for"))
        if self._column["unique"] and (first := self._seen.setdefault(text.strip(), number)) != number:
            found.append(("not_unique", f"stands in row {first} already"))
        return found

    def _outside(self, value: Any) -> list[tuple[str, str]]:
        if self._least is not None and value < self._least:
            return [("below_least", f"is less than {self._column['least']}")]
        if self._most is not None and value > self._most:
            return [("above_most", f"is more than {self._column['most']}")]
        return []

    def _bound(self, text: str | None) -> Any:
        if text is None:
            return None
        return date.fromisoformat(text) if self._column["type"] == "date" else Decimal(text)

    def _number(self, cell: Cell) -> Decimal | None:
        if isinstance(cell, bool):
            return None
        if isinstance(cell, int | float | Decimal):
            return Decimal(str(cell))
        return number_read(cell.strip(), self._decimal) if isinstance(cell, str) else None

    def _integer(self, cell: Cell) -> Decimal | None:
        number = self._number(cell)
        return number if number is not None and number == number.to_integral_value() else None

    def _date(self, cell: Cell) -> date | None:
        found = date_read(cell.strip(), self._dates) if isinstance(cell, str) else cell
        if isinstance(found, datetime):
            return found.date() if found.time() == time() else None
        return found if isinstance(found, date) else None


def _pattern(text: str) -> Any:
    options = re2.Options()
    options.max_mem, options.log_errors = _PATTERN_MEMORY, False
    return re2.compile(text, options)


class _Report:
    def __init__(self, control: Control) -> None:
        self._control, self.found = control, 0

    def add(self, code: str, where: str, text: str) -> None:
        self.found += 1
        if self.found <= _FINDINGS_MOST:
            self._control.finding(code, where=where, text=text)


def _places(header: list[Cell], checks: list[Check], report: _Report, *, others: bool) -> list[tuple[int, Check]]:
    """Where each column that is asked for stands in a row; what is missing, doubled or too much is reported."""
    names = [text_of(cell).strip().casefold() for cell in header]
    places = []
    for check in checks:
        at = [place for place, name in enumerate(names) if name == check.name.casefold()]
        if not at:
            report.add("column_missing", check.name, "The table has no column of this name.")
        elif len(at) > 1:
            report.add("column_twice", check.name, "The table has more than one column of this name.")
        places += [(place, check) for place in at[:1]]
    wanted = {check.name.casefold() for check in checks}
    for place, name in enumerate(names):
        if not others and name not in wanted:
            said = text_of(header[place]).strip() or f"column {place + 1}"
            report.add("column_unknown", said, "The table has a column that is not asked for.")
    return places


def validate(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Counts of rows and of findings. Refused `table_invalid` where the step was told to."""
    checks = [Check(column, arguments) for column in arguments["columns"]]
    report, rows = _Report(control), table_rows(source, arguments, control)
    _, header = next(rows)
    places, count = _places(header, checks, report, others=arguments["other_columns"]), 0
    for number, row in rows:
        count += 1
        if len(row) > len(header) and not arguments["other_columns"]:
            report.add("cell_unknown", f"row {number}", "The row has more cells than the table has columns.")
        for place, check in places:
            cell = row[place] if place < len(row) else None
            for code, said in check.faults(number, cell):
                quoted = text_of(cell)
                shown = f"“{quoted[:_QUOTED_MOST]}{'…' if len(quoted) > _QUOTED_MOST else ''}” " if quoted else "It "
                report.add(code, f"row {number}, {check.name}", f"{shown}{said}.")
    if report.found and arguments["refuse"]:
        raise Refused("table_invalid")
    return {"rows": count, "faults": report.found}


if __name__ == "__main__":
    run(validate)
