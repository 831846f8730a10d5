"""Steps as a job runs them: through the registry, in the sandbox."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from exchange.sandbox import SandboxError
from exchange.steps.base import Signer, StepContext
from exchange.steps.parts import Part, parts_joined, parts_split
from exchange.steps.registry import step_parse, step_run


@dataclass
class Applied:
    """What came out of a step, and what it says of it; of a "split", its documents by name."""

    content: bytes
    report: dict[str, Any]
    parts: dict[str, bytes] = field(default_factory=dict)


@pytest.fixture
def apply() -> Callable[..., Applied]:
    """`content` is bytes, or of a "join" a list of (name, media type, bytes)."""

    def run(
        step: str, content: bytes | Sequence[tuple[str, str, bytes]], media_type: str, *, recipient: str = "",
        document: str = "contract.pdf", signer: Signer | None = None, **parameters: Any,
    ) -> Applied:  # fmt: skip
        chosen = step_parse(step, parameters)
        parts = [] if isinstance(content, bytes) else [Part(name, kind, [part]) for name, kind, part in content]
        execution = step_run(
            chosen,
            media_type=media_type,
            context=StepContext(recipient=recipient, date="2026-11-24", name=document, signer=signer),
            untrusted_input=[content] if isinstance(content, bytes) else parts_joined(parts),
            tick=lambda done, total: None,
        )
        if chosen.cardinality != "split":
            return Applied(b"".join(execution), execution.report)
        listed = [(part.name, b"".join(part.chunks)) for part in parts_split(execution)]
        assert len(dict(listed)) == len(listed)
        return Applied(b"", execution.report, dict(listed))

    return run


@pytest.fixture
def code(apply) -> Callable[..., str]:
    """The code by which a step refuses a document."""

    def run(*arguments: Any, **parameters: Any) -> str:
        with pytest.raises(SandboxError) as refused:
            apply(*arguments, **parameters)
        return refused.value.code

    return run
