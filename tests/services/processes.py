"""Children of the test run."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence

_children: list[subprocess.Popen] = []


def start(command: Sequence[str], *, env: Mapping[str, str] | None = None) -> subprocess.Popen:
    """Start a quiet child in a session of its own."""
    child = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    _children.append(child)
    return child


def stop_all() -> None:
    """End every child."""
    for child in reversed(_children):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
    _children.clear()
