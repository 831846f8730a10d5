"""How a sandboxed program speaks: arguments on one descriptor, document on stdin and stdout, codes on another.

This runs inside the sandbox and imports nothing of the project.
"""

import errno
import json
import os
import shutil
import sys
from collections.abc import Callable
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

    def result(self, code: str, report: dict[str, int] | None = None) -> None:
        """The one result: `ok` with counts, or a code."""
        self._say({"result": code, "report": report or {}})


def _arguments(descriptor: int) -> dict[str, Any]:
    with os.fdopen(descriptor, "rb") as request:
        arguments: dict[str, Any] = json.load(request)
    return arguments


def run(work: Callable[[Path, Path, dict[str, Any], Control], dict[str, int]]) -> None:
    """Read stdin into the memory file system, do the work, write the result to stdout."""
    arguments, control = _arguments(int(sys.argv[3])), Control(int(sys.argv[4]))
    source, target = WORK / "source", WORK / "target"
    try:
        with source.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file, _BLOCK)
        report = work(source, target, arguments, control)
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
    with target.open("rb") as file:
        shutil.copyfileobj(file, sys.stdout.buffer, _BLOCK)
    sys.stdout.buffer.flush()
    control.result("ok", report)
