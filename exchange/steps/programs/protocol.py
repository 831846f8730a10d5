"""How a sandboxed program speaks: arguments on one descriptor, document on stdin and stdout, codes on another.

This runs inside the sandbox and imports nothing of the project.
"""

import errno
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_BLOCK = 1 << 18
WORK = Path("/scratch")  # the sandbox's own memory file system


class Refused(Exception):
    """The document cannot be processed, by one of the fixed codes."""


class Control:
    """The control descriptor: progress, then one result."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def _say(self, members: dict[str, Any]) -> None:
        os.write(self._descriptor, json.dumps(members).encode() + b"\n")

    def progress(self, done: int, total: int) -> None:
        """How many units are done."""
        self._say({"progress": [done, total]})

    def finding(self, code: str, *, where: str = "", text: str = "") -> None:
        """One line of the report, at most 1,000: a fixed code, where it was found, and words that may quote it."""
        self._say({"finding": {"code": code, "where": where[:200], "text": text[:400]}})

    @contextmanager
    def foretold(self, code: str) -> Iterator[None]:
        """What it means should the process itself end now: a library that aborts has no time to say so."""
        self.result(code)
        yield
        self.result("")

    def result(self, code: str, report: dict[str, int] | None = None) -> None:
        """How it ended: `ok` with counts, or a code; the last one counts."""
        self._say({"result": code, "report": report or {}})


def _arguments(descriptor: int) -> dict[str, Any]:
    with os.fdopen(descriptor, "rb") as request:
        arguments: dict[str, Any] = json.load(request)
    return arguments


def answer(work: Callable[[dict[str, Any], Control], dict[str, int]]) -> None:
    """Do the work, which reads stdin and writes stdout itself, and say how it ended."""
    arguments, control = _arguments(int(sys.argv[3])), Control(int(sys.argv[4]))
    try:
        report = work(arguments, control)
        sys.stdout.buffer.flush()
    except Refused as refused:
        control.result(str(refused))
        return
    except MemoryError:
        control.result("step_memory")
        return
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EFBIG, errno.ENOMEM}:
            raise
        control.result("step_memory")
        return
    control.result("ok", report)


def source_read() -> Path:
    """Stdin as a file in the memory file system."""
    source = WORK / "source"
    with source.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file, _BLOCK)
    return source


def run(work: Callable[[Path, Path, dict[str, Any], Control], dict[str, int]]) -> None:
    """Read stdin into the memory file system, do the work, write the result to stdout.

    A step that only reports writes no target.
    """

    def whole(arguments: dict[str, Any], control: Control) -> dict[str, int]:
        target = WORK / "target"
        report = work(source_read(), target, arguments, control)
        if target.exists():
            with target.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer, _BLOCK)
        return report

    answer(whole)
