"""The steps of an instruction as people give them, as a message keeps them, and as they are shown again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from exchange.errors import StepFailureInvalid
from exchange.services.job_plan import HOLD, ON_FAILURE
from exchange.steps.base import Step, registered
from exchange.steps.chain import chain_check
from exchange.steps.registry import step_parse

_HIDDEN = "••••"


@dataclass(frozen=True, slots=True)
class StepItem:
    """A step, and what happens where it refuses a document: hold the message, skip the document, or stop."""

    step: Step
    on_failure: str = HOLD

    def kept(self, *, mandatory: bool = False) -> dict[str, Any]:
        """What a message or a pipeline keeps of it, so that a job can say what it ran."""
        return {
            "step": self.step.name,
            "version": self.step.version,
            "parameters": self.step.model_dump(mode="json"),
            "on_failure": self.on_failure,
            "mandatory": mandatory,
        }


def items_parse(steps: Sequence[dict[str, Any]]) -> list[StepItem]:
    """The steps of an instruction, in its order; further members of each are left alone.

    StepUnknown, StepParametersInvalid, StepFailureInvalid, StepChainInvalid.
    """
    items = []
    for one in steps:
        on_failure = one.get("on_failure", HOLD)
        if on_failure not in ON_FAILURE:
            raise StepFailureInvalid
        items.append(StepItem(step_parse(one["step"], one["parameters"]), on_failure))
    chain_check([item.step for item in items])
    return items


def items_shape(kept: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Kept steps as they are shown: with their titles, and without passwords."""
    return [_shape(item) for item in kept]


def _shape(item: dict[str, Any]) -> dict[str, Any]:
    model = registered().get(item["step"])
    secret = model.secrets() if model else frozenset()
    shown = {name: _HIDDEN if name in secret and value else value for name, value in item["parameters"].items()}
    return item | {"title": model.title if model else item["step"], "parameters": shown}
