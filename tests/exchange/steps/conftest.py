"""Steps as a job runs them: through the registry, in the sandbox."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from exchange.sandbox import SandboxError
from exchange.steps.base import StepContext
from exchange.steps.registry import step_parse, step_run


@dataclass
class Applied:
    """What came out of a step, and what it says of it."""

    content: bytes
    report: dict[str, Any]


@pytest.fixture
def apply() -> Callable[..., Applied]:
    def run(step: str, content: bytes, media_type: str, *, recipient: str = "", **parameters: Any) -> Applied:
        execution = step_run(
            step_parse(step, parameters),
            media_type=media_type,
            context=StepContext(recipient=recipient, date="2026-11-24"),
            untrusted_input=[content],
            tick=lambda done, total: None,
        )
        return Applied(b"".join(execution), execution.report)

    return run


@pytest.fixture
def code(apply) -> Callable[..., str]:
    """The code by which a step refuses a document."""

    def run(*arguments: Any, **parameters: Any) -> str:
        with pytest.raises(SandboxError) as refused:
            apply(*arguments, **parameters)
        return refused.value.code

    return run
