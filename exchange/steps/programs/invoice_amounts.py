"""The amounts that a broken rule of EN 16931 is about: what the invoice says, and what its other amounts give."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from invoice_fields import Invoice

_CENT = Decimal("0.01")
# How rules name a category of VAT, where not as the category itself.
_CATEGORIES = {"IC": "K", "AF": "L", "AG": "M"}


def _number(text: str) -> Decimal:
    """0 for what is not there."""
    value = Decimal(text or 0)
    if not value.is_finite() or value.adjusted() > 30:
        raise InvalidOperation
    return value


def _sum(texts: list[str]) -> Decimal:
    return sum(map(_number, texts), Decimal(0))


def _changes(invoice: Invoice, charge: str) -> list[str]:
    return [one["amount"] for one in invoice.changes if (one["charge"] in ("true", "1")) == (charge == "charge")]


def _total(invoice: Invoice, *names: str) -> Decimal:
    """Totals added up; those whose name begins with a minus are taken off."""
    return sum(
        (_number(invoice.totals[name.lstrip("-")]) * (-1 if name.startswith("-") else 1) for name in names), Decimal(0)
    )


# The total that a rule is about, and what it has to be.
_TOTALS: dict[str, tuple[str, str, Callable[[Invoice], Decimal]]] = {
    "BR-CO-10": ("lines", "the lines add up to", lambda one: _sum([line["net"] for line, _ in one.lines])),
    "BR-CO-11": ("allowances", "the allowances add up to", lambda one: _sum(_changes(one, "allowance"))),
    "BR-CO-12": ("charges", "the charges add up to", lambda one: _sum(_changes(one, "charge"))),
    "BR-CO-13": ("net", "lines less allowances and with charges are", lambda one: _total(
        one, "lines", "-allowances", "charges")),
    "BR-CO-14": ("tax", "the VAT of all categories adds up to", lambda one: _sum([part["tax"] for part in one.vat])),
    "BR-CO-15": ("gross", "the total without VAT and the VAT are", lambda one: _total(one, "net", "tax")),
    "BR-CO-16": ("payable", "the total less what was paid is", lambda one: _total(one, "gross", "-paid", "rounding")),
}  # fmt: skip


def _of_category(invoice: Invoice, category: str) -> str:
    """What the invoice says of a category's VAT, for each rate, and what its lines and changes give."""
    said = []
    for part in (one for one in invoice.vat if one["category"] == category):
        alike = [part["category"], part["rate"]]
        base = _sum([line["net"] for line, _ in invoice.lines if _alike(line, alike)])
        for one in (change for change in invoice.changes if _alike(change, alike)):
            base += _number(one["amount"]) * (1 if one["charge"] in ("true", "1") else -1)
        said.append(
            f"At {part['rate'] or 0} % the invoice taxes {part['base']} with {part['tax']}; its lines give {base}."
        )
    return " ".join(said)


def _alike(fields: dict[str, str], group: list[str]) -> bool:
    return fields["category"] == group[0] and _number(fields["rate"]) == _number(group[1])


def _of_rates(invoice: Invoice) -> str:
    said = []
    for part in invoice.vat:
        due = (_number(part["base"]) * _number(part["rate"]) / 100).quantize(_CENT, ROUND_HALF_UP)
        if due != _number(part["tax"]):
            said.append(f"{part['rate'] or 0} % of {part['base']} are {due}, and the invoice says {part['tax']}.")
    return " ".join(said)


def amounts_said(invoice: Invoice, rule: str) -> str:
    """A sentence, or "" where the rule is about no amounts or they are no numbers."""
    try:
        if rule in _TOTALS:
            name, words, expected = _TOTALS[rule]
            return f"The invoice says {invoice.totals[name] or 'nothing'}, and {words} {expected(invoice)}."
        if rule == "BR-CO-17":
            return _of_rates(invoice)
        family, _, number = rule.removeprefix("BR-").rpartition("-")
        if number in ("08", "09") and family in {"S", "Z", "E", "AE", "IC", "G", "O", "AF", "AG"}:
            return _of_category(invoice, _CATEGORIES.get(family, family))
    except (InvalidOperation, OverflowError):
        return ""
    return ""
