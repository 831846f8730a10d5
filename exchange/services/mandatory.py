"""The steps of a message: those that the organisation's policy wants and those that its sender asks for, in order."""

from collections.abc import Iterable, Sequence
from typing import Any

from accounts.rules import Policy
from exchange.sandbox import sandbox_missing
from exchange.services.step_items import StepItem
from exchange.steps.base import SandboxMissing
from exchange.steps.chain import chain_check
from exchange.steps.registry import step_parse, steps_on_check


def steps_chosen(policy: Policy, asked: Sequence[StepItem], *, documents: bool) -> list[dict[str, Any]]:
    """What a message keeps of its steps, none twice; those of the policy hold it where they fail, whatever was asked.

    StepUnknown, StepParametersInvalid, StepChainInvalid; SandboxMissing where there is something to do and nothing to
    do it in; StepSwitchedOff, StepUnavailable.
    """
    mandatory = [StepItem(step_parse(item.step, item.parameters)) for item in policy.mandatory_steps]
    wanted = [item.step for item in mandatory]
    own = [item for item in asked if item.step not in wanted]
    able_check(own=bool(own), mandatory=bool(mandatory) and documents)
    if documents or own:
        steps_on_check([*wanted, *(item.step for item in own)])
    ordered = items_ordered([*mandatory, *own])
    return [item.kept(mandatory=item in mandatory) for item in ordered]


def able_check(*, own: bool, mandatory: bool = False) -> None:
    """SandboxMissing where steps are to be carried out, asked for or mandatory, and this machine cannot."""
    reason = sandbox_missing()
    if reason and own:
        raise SandboxMissing(
            f"This server cannot process documents yet ({reason}). Nothing was sent; send without steps."
        )
    if reason and mandatory:
        raise SandboxMissing(
            f"Your organisation's policy wants every document processed, and this server cannot yet ({reason}). "
            "Nothing was sent; ask its operator."
        )


def items_ordered(items: Iterable[StepItem]) -> list[StepItem]:
    """As given, but none behind a step that it must come before. StepChainInvalid."""
    given = list(items)
    return [given[at] for at in chain_check([item.step for item in given])]
