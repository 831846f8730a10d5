"""What a program in the sandbox can see and do, and how every bad end of it becomes a code."""

import errno
import json
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.sandbox import Limits, SandboxError, sandbox_missing
from exchange.sandbox.bubblewrap import BubblewrapSandbox
from tests.exchange.sandbox.programs import programs_write

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed"),
]

SMALL = Limits(seconds=20, memory_mb=256, output_bytes=1 << 20)


class Cancelled(Exception):
    pass


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    box = BubblewrapSandbox(programs_write(tmp_path_factory.mktemp("programs")))

    def start(program, *, untrusted_input=(), arguments=None, limits=SMALL, tick=lambda done, total: None):
        execution = box.run(
            program=program, arguments=arguments or {}, untrusted_input=untrusted_input, tick=tick, limits=limits
        )
        return b"".join(execution), execution

    return start


def sandboxes_alive(marker: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and marker.encode() in (entry / "cmdline").read_bytes():
                found.append(entry.name)
        except OSError:
            continue
    return found


def gone(marker: str) -> bool:
    deadline = time.monotonic() + 5
    while sandboxes_alive(marker):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_bytes_go_in_and_come_out_and_the_report_beside(run):
    content = os.urandom(900_000)
    blocks = (memoryview(content)[at : at + 100_001] for at in range(0, len(content), 100_001))
    output, execution = run("echo", untrusted_input=blocks)
    assert output == content
    assert execution.report == {"bytes": 1}


def test_arguments_reach_the_program_and_no_command_line(run):
    seen = []
    output, _ = run("arguments", arguments={"text": "für ana@aster.example"})
    assert json.loads(output) == {"text": "für ana@aster.example"}

    def tick(done, total):
        seen.append(sandboxes_alive("ana@aster.example"))
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        run("sleep", arguments={"text": "ana@aster.example"}, tick=tick)
    assert not any(seen)


def test_nothing_of_the_host_is_visible(run, tmp_path):
    secret = tmp_path / "root.key"
    secret.write_text("key")
    database = Path(os.environ["SEALPOST_DATA"]) / "db.sqlite3"
    project = Path(__file__).resolve().parents[3] / "manage.py"
    paths = ["/etc/shadow", "/etc/passwd", str(secret), str(database), str(project), "/proc/1/root/etc/shadow"]
    os.environ["SEALPOST_SECRET_FOR_TEST"] = "x"
    output, _ = run("tell", arguments={"paths": paths})
    seen = json.loads(output)
    assert {seen[f"path{number}"] for number in range(5)} == {"FileNotFoundError"}
    assert seen["path5"] in {"FileNotFoundError", "PermissionError"}
    assert set(seen["environment"]) <= {"HOME", "LC_ALL", "OMP_THREAD_LIMIT", "PWD", "TMPDIR"}
    assert "home" not in seen["root"] and "work" not in set(seen["root"]) - set(Path(__file__).parts)
    assert seen["uid"] not in (0, os.getuid())
    assert seen["processes"] <= 2


def test_no_network_no_process_and_no_place_to_write_but_the_capped_one(run):
    seen = json.loads(run("tell", arguments={"paths": []})[0])
    assert seen["work"] == "allowed"
    refused = {seen[name] for name in ("internet", "unix", "fork", "shm", "slash", "packages", "sysctl")}
    assert refused <= {"PermissionError", "OSError"}


def test_the_filter_refuses_the_kernels_rare_doors(run):
    seen = json.loads(run("keys")[0])
    assert seen == {name: [-1, errno.EPERM] for name in seen}


@pytest.mark.parametrize(
    ("program", "limits", "code"),
    [
        ("sleep", Limits(seconds=1), "step_timeout"),
        ("spin", Limits(seconds=1), "step_timeout"),
        ("silent", Limits(seconds=1), "step_timeout"),
        ("hungry", SMALL, "step_crashed"),  # the program's MemoryError; `protocol.run` says step_memory, see the steps
        ("fill", SMALL, "step_crashed"),
        ("flood", SMALL, "step_output_too_large"),
        ("crash", SMALL, "step_crashed"),
        ("unfinished", SMALL, "step_crashed"),
        ("refuse", SMALL, "signed"),
        ("invented", SMALL, "step_crashed"),
        ("infinite", SMALL, "step_crashed"),
        ("nested", SMALL, "step_crashed"),
        ("endless_line", SMALL, "step_crashed"),
    ],
)
def test_every_bad_end_is_a_code(run, program, limits, code):
    began = time.monotonic()
    with pytest.raises(SandboxError) as caught:
        run(program, limits=limits)
    assert caught.value.code == code
    assert str(caught.value) == code
    assert time.monotonic() - began < 15
    assert gone(f"/programs/{program}.py")


@pytest.mark.parametrize("reserved_mb", [0, 5 << 10])
def test_addresses_may_be_reserved_where_that_is_allowed_and_memory_is_none_the_more(run, reserved_mb):
    _, execution = run("reserve", limits=replace(SMALL, reserved_mb=reserved_mb))
    assert execution.report == {"reserved": int(reserved_mb > 0), "filled": 0}


def test_what_a_program_claims_is_bounded(run):
    seen = []
    _, execution = run("boast", tick=lambda done, total: seen.append((done, total)))
    assert all(0 <= done <= 1 << 40 and 0 <= total <= 1 << 40 for done, total in seen)
    assert execution.report == {"huge": 1 << 40, "negative": 0}


def test_cancelling_ends_the_whole_group(run):
    def tick(done, total):
        if done:
            assert sandboxes_alive("/programs/sleep.py")
            raise Cancelled

    with pytest.raises(Cancelled):
        run("sleep", tick=tick)
    assert gone("/programs/sleep.py")


def test_a_broken_input_ends_the_run(run):
    def untrusted():
        yield b"first"
        raise Cancelled

    with pytest.raises(Cancelled):
        run("echo", untrusted_input=untrusted())
    assert gone("/programs/echo.py")


def test_no_descriptor_stays_open(run):
    run("echo")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        run("echo")
        with pytest.raises(SandboxError):
            run("crash")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_without_bubblewrap_nothing_is_parsed(run, monkeypatch, tmp_path):
    assert sandbox_missing() is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt-get install bubblewrap" in sandbox_missing()
    with pytest.raises(SandboxError) as caught:
        run("echo")
    assert caught.value.code == "sandbox_missing"


def test_a_bubblewrap_that_does_not_work_counts_as_missing(monkeypatch, tmp_path):
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "cannot make a sandbox here" in sandbox_missing()
