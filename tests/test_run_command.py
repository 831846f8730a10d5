"""`manage.py run`: everything with nothing configured, one sentence when it cannot start, nothing left behind."""

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from sealpost.client.session import Server, sign_in
from tests.people import member, waited
from tests.running import ROOT, RunningSystem

pytestmark = [pytest.mark.running, pytest.mark.timeout(200)]

_EMBEDDED = {"DATABASE_URL": "", "CELERY_BROKER_URL": "", "CACHE_URL": "", "SEALPOST_CLAMD": ""}


def refused(environment: dict[str, str]) -> str:
    """What a start that must fail says."""
    done = subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=ROOT,
        env=dict(os.environ) | _EMBEDDED | environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


def files(folder: Path) -> dict[Path, int]:
    """Every file below a folder and when it changed."""
    skipped = {".git", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache"}
    found = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in skipped]
        found |= {Path(place) / name: (Path(place) / name).lstat().st_mtime_ns for name in names}
    return found


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """A system on the embedded default, started once, with what it said."""
    system = RunningSystem(tmp_path_factory.mktemp("run") / "data", dict(_EMBEDDED))
    before = files(ROOT)
    system.start()
    system.before = before
    yield system
    system.stop()


def said(system: RunningSystem) -> str:
    return system.log.read_text()


def test_the_first_start_says_where_and_who(started):
    assert f"Sealpost is ready at {started.url}" in said(started)
    assert [person.login for person in started.people] == ["ana@aster.example", "ben@birch.example"]
    assert "not scanned" in said(started)
    assert httpx.get(f"{started.url}/health").status_code == 200


def test_keys_are_private_files(started):
    root_key = started.data / "keys" / "root.key"
    assert stat.S_IMODE(root_key.stat().st_mode) == 0o400
    assert stat.S_IMODE(started.data.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in started.data.glob("sealpost.sqlite3*")} == {0o600}
    assert stat.S_IMODE((started.data / "run" / "valkey.sock").stat().st_mode) == 0o700


def test_nothing_is_written_outside_the_data_folder(started):
    session, _ = sign_in(Server(started.url), started.people[0].login, started.people[0].passphrase)
    assert session.call("GET", "/api/v1/me")["password_change_due"] is True
    changed = {path for path, at in files(ROOT).items() if started.before.get(path) != at}
    assert changed == set()


def test_a_taken_port_is_one_sentence(started, tmp_path):
    line = refused({"SEALPOST_DATA": str(tmp_path / "other"), "SEALPOST_PORT": str(started.port)})
    assert line == (
        f"CommandError: Sealpost cannot start: port {started.port} on 127.0.0.1 cannot be used (Address already in "
        "use). Stop what uses it, or set SEALPOST_PORT."
    )


def test_an_unwritable_folder_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("no folder")
    line = refused({"SEALPOST_DATA": str(tmp_path / "file" / "data")})
    assert line.startswith("Sealpost cannot start: the folder ")
    assert line.endswith("cannot be written (Not a directory). Set SEALPOST_DATA to one that can.")
    assert "\n" not in line


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SEALPOST_PORT", "eighty", "SEALPOST_PORT must be a whole number from 1 to 65535."),
        ("SEALPOST_ORIGIN", "exchange.example", "SEALPOST_ORIGIN must look like https://exchange.example"),
        ("SEALPOST_UPLOAD_MAX", "-1", "SEALPOST_UPLOAD_MAX must be a whole number"),
    ],
)
def test_a_setting_out_of_bounds_is_one_sentence(tmp_path, name, value, says):
    line = refused({"SEALPOST_DATA": str(tmp_path / "data"), name: value})
    assert says in line
    assert "\n" not in line


def test_a_second_start_keeps_everything_and_a_wrong_root_key_stops_it(tmp_path):
    system = RunningSystem(tmp_path / "data", dict(_EMBEDDED))
    system.start()
    ana = member(system, system.people[0], tmp_path / "ana")
    file = tmp_path / "kept.txt"
    file.write_text("kept")
    message = ana.send(file, to=["ben@birch.example"], subject="Kept")["id"]
    assert interrupted(system) == 0
    issued = [person.passphrase for person in system.people]
    system.start()
    assert [person.passphrase for person in system.people] == issued  # nobody was made again
    again, _ = sign_in(Server(system.url), ana.login, ana.password)
    assert again.call("GET", f"/api/v1/outbox/{message}")["subject"] == "Kept"
    system.stop()
    root_key = system.data / "keys" / "root.key"
    right = root_key.read_bytes()
    root_key.chmod(0o600)
    root_key.write_bytes(right[::-1] if right[::-1] != right else bytes(len(right)))
    root_key.chmod(0o400)
    wrong = refused(system.env())
    assert wrong.startswith("CommandError: Sealpost cannot start: ")
    assert "root key" in wrong
    root_key.unlink()
    missing = refused(system.env())
    assert "is missing, and this database was sealed with it" in missing
    assert not root_key.exists()


def interrupted(system: RunningSystem) -> int:
    """End it as Ctrl-C at a terminal does, which signals the whole group; nothing is left of it. The exit code."""
    os.killpg(system.process.pid, signal.SIGINT)
    code = system.process.wait(60)
    waited(lambda: system.children(""), lambda left: not left, seconds=10)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", system.port))
    assert "Stopping." in said(system)
    assert "Traceback" not in said(system)
    return code


def test_a_part_that_ends_by_itself_ends_everything_with_its_name(started):
    os.kill(min(started.children("celery --quiet -A portal.celery worker")), signal.SIGKILL)
    assert started.process.wait(30) == 1
    assert "the worker ended by itself (code -9); everything was stopped." in said(started)
    waited(lambda: started.children(""), lambda left: not left, seconds=10)
