"""An invoice of EN 16931 as pages that people read. What is computed from is the XML; nothing is recomputed here."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from invoice_fields import Invoice, invoice_fields
from invoice_page import Sheet
from invoice_source import invoice_read
from invoice_words import CATEGORIES, MEANS, PAYMENT, REFERENCES, TOTALS, TYPES, UNITS
from protocol import Control, Refused, run

_LINES_MOST = 10_000
_TEXT_MOST = 2_000
_SHORT_MOST = 40  # of amounts and codes
_LINE_COLUMNS = (9, 57, 24, 26, 29, 29)  # millimetres
_VAT_COLUMNS = (78, 20, 38, 38)


def _cut(text: str, most: int = _TEXT_MOST) -> str:
    return text if len(text) <= most else text[:most] + "…"


def _amount(text: str) -> str:
    """A number with its thousands apart, and all decimals that it has; other text as it is."""
    if len(text) > _SHORT_MOST:
        return _cut(text, _SHORT_MOST)
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    return f"{value:,f}" if value.is_finite() and abs(value.adjusted()) < _SHORT_MOST else text


def _of(words: dict[str, str], code: str) -> str:
    return words.get(code, _cut(code, _SHORT_MOST))


def _vat(fields: dict[str, str]) -> str:
    rate = f"{_amount(fields['rate'])} %" if fields["rate"] else ""
    return rate if fields["category"] == "S" and rate else _of(CATEGORIES, fields["category"])


def _markup(text: str) -> str:
    return escape(_cut(text))


def _party(party: dict[str, str]) -> list[str]:
    """Lines of an address, what is not there left out."""
    city = " ".join(filter(None, (party["post_code"], party["city"])))
    trading = party["trading_name"] if party["trading_name"] != party["name"] else ""
    lines = [
        party["name"], trading, party["street"], party["street_2"], party["street_3"], city, party["region"],
        party["country"],
    ]  # fmt: skip
    said = {
        "VAT": party["vat"], "Tax number": party["tax"], "Registered": party["registered"],
        "Contact": party["contact"], "Phone": party["phone"], "E-mail": party["mail"],
        "Electronic address": party["electronic"],
    }  # fmt: skip
    return [*filter(None, lines), *(f"{word}: {value}" for word, value in said.items() if value)]


def _listed(words: dict[str, str], fields: dict[str, str]) -> list[tuple[str, str]]:
    return [(word, _cut(fields[name])) for name, word in words.items() if fields.get(name)]


def _change(fields: dict[str, str]) -> str:
    kind = "Charge" if fields["charge"] in ("true", "1") else "Allowance"
    return f"{kind}: {fields['reason'] or fields['reason_code'] or '–'}"


def _line_rows(invoice: Invoice) -> Iterable[list[str]]:
    """A row for each line, with its allowances and charges beneath."""
    for line, changes in invoice.lines:
        article = f"No. {line['article']}" if line["article"] else ""
        below = [text for text in (line["description"], line["note"], article) if text]
        name = _markup(line["name"]) + "".join(f"<br/><font color='#555555'>{_markup(text)}</font>" for text in below)
        base = f" / {_amount(line['base'])}" if line["base"] not in ("", "1") else ""
        yield [
            _markup(line["number"]), name, _markup(f"{_amount(line['quantity'])} {_of(UNITS, line['unit'])}"),
            _markup(_amount(line["price"]) + base), _markup(_vat(line)), _markup(_amount(line["net"])),
        ]  # fmt: skip
        for change in changes:
            yield ["", _markup(_change(change)), "", "", "", _markup(f"({_amount(change['amount'])})")]


def _vat_rows(invoice: Invoice) -> Iterable[list[str]]:
    for part in invoice.vat:
        why = part["reason"] or part["reason_code"]
        category = _of(CATEGORIES, part["category"])
        words = f"{category}: {why}" if why and why != category else category
        rate = f"{_amount(part['rate'])} %" if part["rate"] else "–"
        yield [_markup(words), _markup(rate), _markup(_amount(part["base"])), _markup(_amount(part["tax"]))]


def _total_rows(invoice: Invoice) -> list[tuple[str, str]]:
    currency = _cut(invoice.head["currency"], _SHORT_MOST)
    return [
        (word, f"{_amount(invoice.totals[name])} {currency}") for name, word in TOTALS.items() if invoice.totals[name]
    ]


def _draw(invoice: Invoice, sheet: Sheet, currency: str) -> None:
    head = invoice.head
    sheet.heading(f"{_of(TYPES, head['type'])} {_cut(head['number'])}")
    sheet.columns(("Seller", _party(invoice.seller)), ("Buyer", _party(invoice.buyer)))
    sheet.pairs(_listed(REFERENCES, head))
    for note in invoice.notes:
        sheet.text(_cut(note))
    titles = ["", "Item", "Quantity", f"Price {currency}", "VAT", f"Net {currency}"]
    sheet.table(titles, _line_rows(invoice), _LINE_COLUMNS, right=(2, 3, 4, 5))
    if invoice.changes:
        rows = [[_markup(_change(one)), _markup(_vat(one)), _markup(_amount(one["amount"]))] for one in invoice.changes]
        sheet.table(["Allowances and charges", "VAT", currency], rows, (110, 26, 38), right=(1, 2))
    sheet.table(["VAT", "Rate", f"Of {currency}", f"VAT {currency}"], _vat_rows(invoice), _VAT_COLUMNS, right=(1, 2, 3))
    sheet.totals(_total_rows(invoice))
    means = [("By", _of(MEANS, head["means"]))] if head["means"] else []
    sheet.pairs(means + _listed(PAYMENT, head), title="Payment")
    if invoice.attached:
        sheet.pairs([("Refers to", ", ".join(map(_cut, invoice.attached)))])


def render(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Counts of invoices, lines and pages, and of letters that the font does not have."""
    invoice = invoice_fields(invoice_read(source))
    if len(invoice.lines) > _LINES_MOST:
        raise Refused("too_many_rows")
    sheet = Sheet(arguments["note"], f"{_of(TYPES, invoice.head['type'])} {invoice.head['number'][:60]}")
    _draw(invoice, sheet, escape(_cut(invoice.head["currency"], _SHORT_MOST)))
    pages = sheet.save(target, lambda page: control.progress(page, 0))
    if sheet.unwritten:
        control.finding("letters_missing", text="Letters that the font does not have are written as question marks.")
    return {"invoices": 1, "lines": len(invoice.lines), "pages": pages, "letters_missing": sheet.unwritten}


if __name__ == "__main__":
    run(render)
