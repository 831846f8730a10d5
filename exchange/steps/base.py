"""What a step is: one frozen model of its parameters, and what it consumes, produces and may use."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from exchange.sandbox import Limits
from sealpost.errors import SealpostError

PDF = "application/pdf"
PLACEHOLDERS = ("{recipient}", "{date}")


class StepUnknown(SealpostError):
    code = "step_unknown"
    status = 422
    sentence = "This server has no such step. Nothing was sent; choose one of those it offers."


class StepParametersInvalid(SealpostError):
    code = "step_parameters_invalid"
    status = 422
    sentence = "A step's parameters are not what it expects. Nothing was sent."


class SandboxMissing(SealpostError):
    code = "sandbox_missing"
    status = 503
    sentence = (
        "This server cannot process documents yet: its sandbox is missing. Nothing was sent; send without the step."
    )


class StepSwitchedOff(SealpostError):
    """`step` names it."""

    code = "step_switched_off"
    status = 503
    sentence = "A step was switched off by the operator of this server. Nothing was sent; send without it."


@dataclass(frozen=True, slots=True)
class StepContext:
    """What placeholders stand for."""

    recipient: str
    date: str


class Step(BaseModel):
    """Base of every step's parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str]
    title: ClassVar[str]
    version: ClassVar[int]
    consumes: ClassVar[frozenset[str]]
    order: ClassVar[str]
    limits: ClassVar[Limits]
    program: ClassVar[str]
    unit: ClassVar[str]

    def per_recipient(self) -> bool:
        """Whether each recipient gets a result of their own."""
        return False

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        """What the sandboxed program is told."""
        return {}


_steps: dict[str, type[Step]] = {}
StepType = TypeVar("StepType", bound=type[Step])


def step(
    name: str,
    *,
    title: str,
    version: int,
    consumes: set[str],
    program: str,
    unit: str,
    order: str = "",
    limits: Limits | None = None,
) -> Callable[[StepType], StepType]:
    """Register a model of parameters as the step `name`; the one definition that form, API and worker read."""

    def register(model: StepType) -> StepType:
        model.name, model.title, model.version, model.order = name, title, version, order
        model.consumes, model.program, model.unit = frozenset(consumes), program, unit
        model.limits = limits or Limits()
        _steps[name] = model
        return model

    return register


def registered() -> dict[str, type[Step]]:
    """Every registered step by name."""
    return _steps
