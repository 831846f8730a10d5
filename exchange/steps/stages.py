"""Two programs one after the other, each in a sandbox of its own."""

from collections.abc import Iterator
from typing import Any

from exchange.sandbox import Execution


class StagedExecution:
    """The second program's run, which reads the first one's; the report is what both say."""

    def __init__(self, first: Execution, second: Execution) -> None:
        self._first, self._second = first, second
        self.report: dict[str, Any] = {}

    def __iter__(self) -> Iterator[bytes]:
        yield from self._second
        findings = [*self._first.report.pop("findings", []), *self._second.report.pop("findings", [])]
        self.report = self._first.report | self._second.report | ({"findings": findings} if findings else {})
