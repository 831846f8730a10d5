"""Before a worker takes jobs: a sandbox that holds says nothing, and each hole is told."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from exchange.sandbox import SandboxError, sandbox, sandbox_missing
from exchange.sandbox.self_test import self_test

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(bool(sandbox_missing()), reason="bubblewrap does not work here"),
]
PROGRAMS = Path(__file__).resolve().parents[3] / "exchange" / "steps" / "programs"


class Bare:
    """A run of the self-test's program with no sandbox around it."""

    def __init__(self, arguments: dict[str, Any]) -> None:
        self._arguments = arguments
        self.report: dict[str, Any] = {}

    def __iter__(self):
        request, request_write = os.pipe()
        control, control_write = os.pipe()
        os.write(request_write, json.dumps(self._arguments).encode())
        os.close(request_write)
        command = [sys.executable, str(PROGRAMS / "selftest.py"), "", "", str(request), str(control_write)]
        subprocess.run(command, pass_fds=(request, control_write), check=True, stdout=subprocess.DEVNULL)
        os.close(control_write)
        os.close(request)
        with os.fdopen(control) as said:
            self.report = json.loads(said.readlines()[-1])["report"]
        yield from ()


class NoSandbox:
    """What must never pass: programs run as they are."""

    def run(self, *, arguments, **_):
        return Bare(arguments)


@pytest.fixture
def secret(tmp_path) -> Path:
    path = tmp_path / "root.key"
    path.write_text("key")
    return path


def test_the_sandbox_of_this_machine_holds(secret):
    assert self_test(sandbox(), secret=[str(secret), "/etc/passwd"]) == []


def test_without_one_every_hole_is_told(secret, monkeypatch, tmp_path):
    outside = tmp_path / "outside"
    monkeypatch.setattr("exchange.sandbox.self_test._OUTSIDE", (str(outside),))
    told = self_test(NoSandbox(), secret=[str(secret)])
    assert {
        "reach the network", "read the database or the keys", "write outside its scratch",
        "start more processes than it may", "take more memory than it may",
    } <= set(told)  # fmt: skip
    assert outside.exists()


def test_a_sandbox_that_does_not_even_run_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError):
        self_test(sandbox(), secret=[])
