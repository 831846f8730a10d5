"""The steps of a message: those that the organisation's policy wants and those that its sender asks for, in order."""

from collections.abc import Iterable, Sequence
from typing import Any

from accounts.rules import Policy
from exchange.sandbox import sandbox_missing
from exchange.steps.base import SandboxMissing, Step
from exchange.steps.registry import step_parse, steps_on_check


def steps_chosen(policy: Policy, asked: Sequence[dict[str, Any]], *, documents: bool) -> list[dict[str, Any]]:
    """What a message keeps of its steps: `{"step", "parameters", "mandatory"}` each, none twice.

    StepUnknown, StepParametersInvalid; SandboxMissing where there is something to do and nothing to do it in;
    StepSwitchedOff.
    """
    mandatory = [step_parse(item.step, item.parameters) for item in policy.mandatory_steps]
    own = [step for step in (step_parse(item["step"], item["parameters"]) for item in asked) if step not in mandatory]
    if (reason := sandbox_missing()) and (own or (mandatory and documents)):
        if own:
            raise SandboxMissing(
                f"This server cannot process documents yet ({reason}). Nothing was sent; send without steps."
            )
        raise SandboxMissing(
            f"Your organisation's policy wants every document processed, and this server cannot yet ({reason}). "
            "Nothing was sent; ask its operator."
        )
    if documents or own:
        steps_on_check([*mandatory, *own])
    return [
        {"step": step.name, "parameters": step.model_dump(mode="json"), "mandatory": step in mandatory}
        for step in steps_ordered([*mandatory, *own])
    ]


def steps_ordered(steps: Iterable[Step]) -> list[Step]:
    """As given, but none behind a step that it must come before."""
    left, ordered = list(steps), []
    while left:
        # Where rules contradict each other nobody is free, and the first goes on as it was given.
        chosen = next((step for step in left if not any(_before(other, step) for other in left)), left[0])
        left.remove(chosen)
        ordered.append(chosen)
    return ordered


def _before(one: Step, other: Step) -> bool:
    return one is not other and other.name in one.before
