"""Starts what a whole Sealpost needs in one terminal, and ends all of it together."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_GRACE_SECONDS = 10.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Program:
    """A child process: its name in messages to people, how it starts, how it is stopped.

    `orphan_signal` ends it where the supervisor was killed. One that would wait for the others then, which are ending
    too, takes SIGKILL: its work goes on after the next start by the leases.
    """

    name: str
    command: Sequence[str]
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGTERM


class ChildEnded(Exception):
    """A child ended by itself."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(name)
        self.name, self.code = name, code


def _die_with_parent(number: signal.Signals) -> None:
    """In the child: get this signal when the supervisor ends, even by SIGKILL."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


class Supervisor:
    """Children in sessions of their own, ended in the opposite order of their start."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment, self._folder = dict(environment), folder
        self._children: list[tuple[Program, subprocess.Popen[bytes]]] = []

    def start(self, program: Program) -> None:
        """Start a child."""
        die = partial(_die_with_parent, program.orphan_signal) if sys.platform == "linux" else None
        child = subprocess.Popen(
            program.command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            # one prctl call, before any thread of ours is there to hold a lock
            preexec_fn=die,  # noqa: PLW1509
        )
        self._children.append((program, child))

    def check(self) -> None:
        """ChildEnded when one is not there any more."""
        for program, child in self._children:
            if (code := child.poll()) is not None:
                raise ChildEnded(program.name, code)

    def watch(self) -> None:
        """Wait until a child ends by itself: ChildEnded."""
        while True:
            self.check()
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """End every child and whatever it has started; nothing is left behind."""
        for program, child in reversed(self._children):
            if child.poll() is None:
                child.send_signal(program.stop_signal)
            deadline = time.monotonic() + _GRACE_SECONDS
            while child.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self._children.clear()
