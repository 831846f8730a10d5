"""A program that may start others: how many, with what, and that none of them outlives it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from exchange.sandbox import Limits, SandboxError, tool_missing
from exchange.sandbox.bubblewrap import BubblewrapSandbox
from exchange.sandbox.command import _AS_USER as ROOT_IN_A_NAMESPACE
from exchange.sandbox.command import _probe
from exchange.sandbox.tools import TOOLS
from tests.exchange.sandbox.programs import programs_write
from tests.exchange.sandbox.test_bubblewrap import Cancelled, gone, sandboxes_alive

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed"),
]

MOST = 16
SANDBOX_ITSELF = 2  # bubblewrap outside and inside, whose command lines say the same
FEW = Limits(seconds=20, memory_mb=256, output_bytes=1 << 20, processes=MOST)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return programs_write(tmp_path_factory.mktemp("programs"))


@pytest.fixture
def run(folder):
    def start(program, *, arguments=None, limits=FEW, tick=lambda done, total: None, tools=()):
        execution = BubblewrapSandbox(folder).run(
            program=program, arguments=arguments or {}, untrusted_input=(), tick=tick, limits=limits, tools=tools
        )
        return b"".join(execution), execution

    return start


@pytest.mark.parametrize("tools", [(), *((name,) for name in TOOLS if tool_missing(name) is None)])
def test_a_child_has_no_network_no_namespace_and_nowhere_to_write_but_scratch(run, tools):
    seen = json.loads(run("child", tools=tools)[0])
    shown = seen.pop("programs")
    assert seen.pop("user") != 0
    assert seen.pop("write_scratch") == "allowed"
    assert set(seen.values()) == {"refused"} and len(seen) == 18
    assert set(shown) == {Path(TOOLS[name].executable).name for name in tools if TOOLS[name].started}


def test_a_fork_bomb_stays_within_its_limit_and_ends_in_a_code(run):
    seen = []
    limits = Limits(seconds=3, memory_mb=256, processes=MOST)
    with pytest.raises(SandboxError) as caught:
        run("bomb", limits=limits, tick=lambda done, total: seen.append(len(sandboxes_alive("/programs/bomb.py"))))
    assert caught.value.code == "step_timeout"
    assert MOST / 2 < max(seen) <= MOST + SANDBOX_ITSELF
    assert gone("/programs/bomb.py")


def test_the_limit_is_each_sandboxs_own(run):
    with ThreadPoolExecutor(3) as pool:
        counted = [one.result()[1].report["children"] for one in [pool.submit(run, "count") for _ in range(3)]]
    assert counted == [MOST - 1] * 3


def test_all_of_them_together_have_the_memory_of_one(run):
    began = time.monotonic()
    with pytest.raises(SandboxError) as caught:
        run("swell")
    assert caught.value.code == "step_memory"
    assert time.monotonic() - began < 10
    assert gone("/programs/swell.py")


@pytest.mark.parametrize("program", ["orphans", "bomb"])
def test_a_cancel_ends_every_child(run, program):
    def tick(done, total):
        if len(sandboxes_alive(f"/programs/{program}.py")) >= SANDBOX_ITSELF + 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(program, tick=tick)
    assert gone(f"/programs/{program}.py")


def test_a_timeout_ends_every_child(run):
    with pytest.raises(SandboxError) as caught:
        run("orphans", limits=Limits(seconds=1, memory_mb=256, processes=MOST))
    assert caught.value.code == "step_timeout"
    assert gone("/programs/orphans.py")


def test_children_end_with_the_program_that_left_them(run):
    began = time.monotonic()
    run("orphans", arguments={"end": True})
    assert time.monotonic() - began < 10
    assert gone("/programs/orphans.py")


def test_a_killed_worker_takes_every_child_with_it(folder):
    script = (
        "from pathlib import Path\nimport sys\nfrom exchange.sandbox import Limits\n"
        "from exchange.sandbox.bubblewrap import BubblewrapSandbox\n"
        "for _ in BubblewrapSandbox(Path(sys.argv[1])).run(program='orphans', arguments={}, untrusted_input=(), "
        "tick=lambda done, total: None, limits=Limits(seconds=60, memory_mb=256, processes=16)): pass"
    )
    worker = subprocess.Popen([sys.executable, "-c", script, str(folder)], cwd=Path(__file__).resolve().parents[3])
    try:
        deadline = time.monotonic() + 20
        while len(sandboxes_alive("/programs/orphans.py")) < SANDBOX_ITSELF + 4:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert gone("/programs/orphans.py")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's own user namespace is without a limit")
def test_where_the_kernel_does_not_hold_the_limit_nothing_runs(run, monkeypatch):
    monkeypatch.setattr("exchange.sandbox.bubblewrap.sandbox_identity", lambda: ROOT_IN_A_NAMESPACE)
    run("echo", limits=Limits(seconds=20, memory_mb=256))
    with pytest.raises(SandboxError) as caught:
        run("echo")
    assert caught.value.code == "step_crashed"
    assert not _probe(ROOT_IN_A_NAMESPACE, processes=MOST)
