"""Whether an invoice keeps to the rules of EN 16931; each finding says the rule, the place and the amounts."""

from pathlib import Path
from typing import Any

from invoice_amounts import amounts_said
from invoice_fields import invoice_fields
from invoice_rules import Fault, rule_faults, rules_for, schema_faults
from invoice_source import SYNTAXES, invoice_read
from protocol import Control, Refused, run

_FINDINGS_MOST = 999  # beside the one that names the rules
_TEXT_MOST = 400  # of a finding
_UNFINISHED = "The rules could not be applied to the end, because a value is not of the kind that they compute with."


def validate(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Counts of errors, warnings and rules. Refused `invoice_invalid` for errors where the step was told to."""
    root = invoice_read(source)
    invoice = invoice_fields(root)
    rules = rules_for(SYNTAXES[root.tag], invoice.head["profile"], arguments["profile"])
    control.finding("rules", text=f"{rules.name}, {rules.version}.")
    control.progress(0, 1)
    faults, checked = list(schema_faults(root, rules)), 0
    if not faults:
        with control.foretold("step_memory"):
            try:
                faults += rule_faults(root, rules)
                checked = rules.count
            except ArithmeticError:
                faults.append(Fault("rules_unfinished", False, "", 0, _UNFINISHED))
    errors = sum(not fault.warning for fault in faults)
    if errors and arguments["refuse"]:
        raise Refused("invoice_invalid")
    for fault in sorted(faults, key=lambda one: one.warning)[:_FINDINGS_MOST]:
        where = ": ".join(filter(None, [f"line {fault.line}" if fault.line else "", fault.path]))
        control.finding(fault.rule, where=where, text=_said(fault, amounts_said(invoice, fault.rule)))
    return {"errors": errors, "warnings": len(faults) - errors, "rules_checked": checked}


def _said(fault: Fault, amounts: str) -> str:
    """The rule, cut where amounts that come after it would not fit."""
    text = f"Warning: {fault.text}" if fault.warning else fault.text
    room = _TEXT_MOST - len(amounts) - 1
    if not amounts or room < 1:
        return text
    return f"{text if len(text) <= room else text[: room - 1] + '…'} {amounts}"


if __name__ == "__main__":
    run(validate)
