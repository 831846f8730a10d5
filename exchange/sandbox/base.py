"""Where untrusted bytes are parsed: bytes in, bytes out, progress beside, nothing else."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

Tick = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use; more ends it.

    Without `processes` it is one process, whatever it tries. With it, so many processes and threads in all, of which
    each may have `memory_mb`, and all together four times a second no more than that.
    `reserved_mb` is address space that a library takes at its start and never fills; `memory_mb` holds all the same.
    """

    seconds: int = 120
    memory_mb: int = 1024
    reserved_mb: int = 0
    input_bytes: int = 200 << 20  # of all documents of a run; what only streams may take more
    output_bytes: int = 500 << 20
    processes: int = 0


class SandboxError(Exception):
    """A program did not succeed. `code` is one of the fixed codes below; no text of the program crosses.

    `limit` names in bytes what was too little, where that is the reason.
    """

    def __init__(self, code: str, *, limit: int = 0) -> None:
        super().__init__(code)
        self.code, self.limit = code, limit


# What a program itself may answer; anything else it says is `step_crashed`.
INPUT_CODES = frozenset(
    """
    archive_entries archive_link archive_nested archive_path archive_ratio corrupt document_empty dynamic_form
    invoice_invalid invoice_missing not_protected not_searchable not_signed not_text page_missing password_protected
    password_wrong pdfa_failed picture_too_large sheet_missing signed table_invalid too_many_pages too_many_rows
    unsupported
    """.split()
)
LIMIT_CODES = frozenset(
    {
        "step_timeout",
        "step_memory",
        "step_crashed",
        "step_output_too_large",
        "sandbox_missing",
        "step_unavailable",
        "step_input_too_large",
    }
)


class Execution(Protocol):
    """One run of a program. Iterate for its output; `report` is there afterwards.

    Counts by name; `findings`, where it has any: `[{"code", "where", "text"}]`, of which `text` may quote the document.
    """

    report: dict[str, Any]

    def __iter__(self) -> Iterator[bytes]:
        """Output in blocks; SandboxError when the program fails, whatever was yielded before."""
        ...


class Sandbox(Protocol):
    """Runs a program of `exchange/steps/programs` on untrusted bytes."""

    def run(
        self, *, program: str, arguments: dict[str, Any], untrusted_input: Iterable[Any], tick: Tick, limits: Limits,
        tools: tuple[str, ...] = (),
    ) -> Execution:  # fmt: skip
        """Start nothing until the execution is iterated. `tick(done, total)` is called at least twice a second.

        `tools` are the programs of this machine that it may start, by their names in `exchange/sandbox/tools.py`.
        """
        ...
