"""A step's program on damaged copies of a good document: each must end in a result or a fixed code, never in a hang.

Hundreds run in one sandbox (`mutations_inside.py`), with the step's own limits each. A test of them says "mutations" in
its name, so that `make drill-mutations` finds it and runs a thousand instead of the few that a suite has time for:

    def test_mutations():
        assert mutations("pdf.stamp", sample.read_bytes(), PDF, text="Draft")["ok"]

A failure names the copy: `mutated(good, 17)` of `mutations_inside` makes it again.
"""

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from exchange.sandbox.base import INPUT_CODES
from exchange.sandbox.bubblewrap import BubblewrapSandbox
from exchange.sandbox.command import PROGRAMS
from exchange.steps.base import StepContext
from exchange.steps.registry import step_parse

FEW = 60
_PROCESSES = 64  # the program's children and threads, and our own
_SECONDS = 4 * 3600
_MEMORY_MORE_MB = 256  # for what stands around the program
ENDINGS = frozenset({"ok", "step_memory"}) | INPUT_CODES


def mutations(
    step: str, good: bytes, media_type: str, *, first: int = 0, seconds: int = 20, count: int = FEW,
    program: str = "", arguments: dict[str, Any] | None = None, **parameters: Any,
) -> dict[str, int]:  # fmt: skip
    """How often each code came; AssertionError for a crash or for what took longer than `seconds`, with its words.

    Copy number 0 is the good document itself, which must succeed (`good_refused`). `count` is what the suite runs; the
    drill runs SEALPOST_MUTATIONS of them. A "join" gets the damaged document and the good one. `program` with
    `arguments` runs another program than the step's first, such as the one of `then()`.
    """
    chosen = step_parse(step, parameters)
    said = {
        "program": program or chosen.program,
        "arguments": arguments if program else chosen.arguments(media_type, StepContext("ana@aster.example", "2026")),
        "join": media_type if chosen.cardinality == "join" and not program else "",
        "first": first,
        "count": int(os.environ.get("SEALPOST_MUTATIONS", count)),
        "seconds": min(seconds, chosen.limits.seconds),
    }
    limits = replace(
        chosen.limits, seconds=_SECONDS, memory_mb=chosen.limits.memory_mb + _MEMORY_MORE_MB, processes=_PROCESSES
    )
    with tempfile.TemporaryDirectory() as folder:
        programs = Path(folder) / "programs"
        shutil.copytree(PROGRAMS, programs)
        shutil.copy(Path(__file__).with_name("mutations_inside.py"), programs)
        Path(folder).chmod(0o755)  # inside everybody is nobody
        execution = BubblewrapSandbox(programs).run(
            program="mutations_inside", arguments=said, untrusted_input=[good], tick=lambda done, total: None,
            limits=limits, tools=chosen.needs(),
        )  # fmt: skip
        assert not b"".join(execution)
    findings, codes = execution.report.pop("findings", []), execution.report
    assert set(codes) <= ENDINGS, f"{codes}\n" + "\n".join(
        f"--- {one['code']}: copy {one['where']}\n{one['text']}" for one in findings[:10]
    )
    return codes
