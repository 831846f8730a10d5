"""What the text of a cell means: numbers, dates, and what a spreadsheet would run as a formula."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

Cell = None | str | bool | int | float | Decimal | date | datetime | time | timedelta

DIGITS_MOST = 15  # what a spreadsheet keeps of a number
_PLUS_DIGITS_MOST = 6  # more behind a plus are a telephone number
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_NUMBERS = {
    "point": re.compile(r"[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\Z"),
    "comma": re.compile(r"[+-]?(?:0|[1-9][0-9]*)(?:,[0-9]+)?\Z"),
}
_HARMLESS = re.compile(r"[+-]?[0-9][0-9.,]*(?:[eE][+-]?[0-9]+)?%?\Z")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?\Z")
_LOCAL = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})\Z")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula; a number with a sign is none."""
    return text.startswith(_FORMULA) and not _HARMLESS.match(text)


def number_read(text: str, decimal: str) -> Decimal | None:
    """The number that a text writes without anything between its digits; None for a leading zero or another text."""
    return Decimal(text.replace(",", ".")) if _NUMBERS[decimal].match(text) else None


def date_read(text: str, dates: str) -> date | datetime | None:
    """The date, or the date and time, that a text writes; None where it is none."""
    try:
        if dates == "iso":
            if _MOMENT.match(text):
                return datetime.fromisoformat(text)
            return date.fromisoformat(text) if _ISO.match(text) else None
        if not (found := _LOCAL.match(text)):
            return None
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        day, month = (first, second) if dates == "day_first" else (second, first)
        return date(year, month, day)
    except ValueError:
        return None


def typed(text: str, *, decimal: str, dates: str) -> Cell:
    """The number or date that a text is; the text itself where a spreadsheet could not give it back as it was."""
    number = number_read(text, decimal)
    if number is None:
        return date_read(text, dates) or text
    digits = sum(sign.isdigit() for sign in text)
    if digits > DIGITS_MOST or (text[0] == "+" and text[1:].isdigit() and digits > _PLUS_DIGITS_MOST):
        return text
    return int(text) if text.lstrip("+-").isdigit() else float(number)


def text_of(cell: Cell, decimal: str = "point") -> str:
    """A cell as CSV writes it: dates as ISO 8601, numbers without an exponent where they need none."""
    if isinstance(cell, str):
        return cell
    if cell is None or isinstance(cell, bool):
        return {None: "", True: "true", False: "false"}[cell]
    if isinstance(cell, float | Decimal):
        whole = cell == cell.__trunc__() and abs(cell) < 10**DIGITS_MOST
        text = str(int(cell)) if whole else str(cell)
        return text.replace(".", ",") if decimal == "comma" else text
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def iban_is(text: str) -> bool:
    """ISO 13616: letters, check digits, and the remainder by 97; spaces between groups of four are usual."""
    compact = text.replace(" ", "").upper()
    if not re.match(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\Z", compact):
        return False
    digits = "".join(str(int(sign, 36)) for sign in compact[4:] + compact[:4])
    return int(digits) % 97 == 1


def email_is(text: str) -> bool:
    """An address as people write it: something, an @, and a domain with a dot."""
    return len(text) <= 254 and bool(re.match(r"[^\s@<>(),;:\"\[\]]{1,64}@[\w-]+(?:\.[\w-]+)+\Z", text))


def plain(cell: Any) -> Any:
    """The cell as JSON says it."""
    if isinstance(cell, float | Decimal):
        return int(cell) if cell == cell.__trunc__() and abs(cell) < 10**DIGITS_MOST else float(cell)
    if cell is None or isinstance(cell, str | bool | int):
        return None if cell == "" else cell
    return text_of(cell).replace(" ", "T") if isinstance(cell, datetime) else text_of(cell)
