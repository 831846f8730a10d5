"""What follows a program: another one in a sandbox of its own, and what the step does outside of both."""

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

from exchange.sandbox import Execution, SandboxError, Tick


class SharedTick:
    """One tick for two programs, of which either may be the one that is waited for; only the second says how far."""

    def __init__(self, tick: Tick) -> None:
        self._tick, self._said = tick, (0, 0)

    def alive(self, done: int, total: int) -> None:
        """The first program is at work."""
        self._tick(*self._said)

    def progress(self, done: int, total: int) -> None:
        """The second program is."""
        self._said = done, total
        self._tick(done, total)


class StagedExecution:
    """The second program's run, which reads `relayed` of the first one's; the report is what both say."""

    def __init__(self, first: Execution, relayed: Generator[bytes], second: Execution) -> None:
        self._first, self._relayed, self._second = first, relayed, second
        self.report: dict[str, Any] = {}

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._second
            if any(self._relayed):  # the first must have ended well, and the second have read to that end
                raise SandboxError("step_crashed")
        finally:
            self._relayed.close()
        findings = [*self._first.report.pop("findings", []), *self._second.report.pop("findings", [])]
        self.report = self._first.report | self._second.report | ({"findings": findings} if findings else {})


class FinishedExecution:
    """A run whose output the step finishes as it comes; the report stays what the programs say."""

    def __init__(self, execution: Execution, finish: Callable[[Iterable[bytes]], Iterator[bytes]]) -> None:
        self._execution, self._finish = execution, finish
        self.report: dict[str, Any] = {}

    def __iter__(self) -> Iterator[bytes]:
        blocks = self._blocks()
        try:
            yield from self._finish(blocks)
        finally:
            blocks.close()  # ends the program where its output was refused
        self.report = self._execution.report

    def _blocks(self) -> Generator[bytes, None, None]:
        yield from self._execution
