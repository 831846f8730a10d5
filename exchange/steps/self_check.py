"""Each step on a small document of its own: what this machine can really do."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from exchange.sandbox import SandboxError, tool_missing
from exchange.sandbox.tools import TOOLS
from exchange.steps.base import Step, StepContext, registered
from exchange.steps.content_type import content_type_detect
from exchange.steps.parts import Part, parts_joined, parts_split
from exchange.steps.registry import step_parse, step_run
from vault.services import TemporarySigner

SAMPLES = Path(__file__).resolve().parent / "samples"


@dataclass(frozen=True, slots=True)
class Check:
    """What came of a step: `state` ok, missing (`what` is the program) or failed (`what` is the code)."""

    step: str
    version: int
    state: str
    what: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, [self.step, str(self.version), self.state, self.what]))


def steps_check() -> Iterator[Check]:
    """Every step of this server, one after the other, by name."""
    for name, model in sorted(registered().items()):
        yield _check(name, model)


def _check(name: str, model: type[Step]) -> Check:
    step = step_parse(name, model.sample_parameters)
    if missing := [TOOLS[tool].name for tool in step.needs() if tool_missing(tool)]:
        return Check(name, model.version, "missing", missing[0])
    try:
        _run(step)
    except SandboxError as error:
        if error.code == "sandbox_missing":
            return Check(name, model.version, "missing", "bubblewrap")
        return Check(name, model.version, "failed", error.code)
    return Check(name, model.version, "ok")


def _context() -> StepContext:
    """Of nobody; what is signed is signed by a key that is made for it and forgotten."""
    return StepContext(
        recipient="ben@birch.example", date="2026-01-01", sender="ana@aster.example", message="0" * 8,
        signer=TemporarySigner("Sealpost self-test"),
    )  # fmt: skip


def _run(step: Step) -> None:
    """SandboxError where the sample does not come out as the step promises."""
    path = SAMPLES / step.sample
    content = path.read_bytes()
    media_type = content_type_detect(content[:8192], name=path.name, untrusted_suffix=content[-65536:]).media_type
    joins = step.cardinality == "join"
    given = parts_joined([Part(path.name, media_type, [content])] * 2) if joins else [content]
    execution = step_run(
        step, media_type="" if joins else media_type, context=_context(), untrusted_input=given,
        tick=lambda done, total: None,
    )  # fmt: skip
    if step.cardinality == "split":
        made = [b"".join(part.chunks) for part in parts_split(execution)]
    else:
        made = [b"".join(execution)]
    if step.report_only == any(made) or not (made or step.report_only):
        raise SandboxError("step_crashed")
