"""`manage.py run`: everything with nothing configured, one sentence when it cannot start, nothing left behind."""

import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from sealpost.client.session import Server, sign_in
from tests.documents import pdf
from tests.people import member, waited
from tests.running import ROOT, RunningSystem
from tests.running import _free_port as free_port

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
    folder = tmp_path_factory.mktemp("run")
    elsewhere = {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "XDG_CACHE_HOME": str(folder / "cache")}
    for place in elsewhere.values():
        Path(place).mkdir()
    system = RunningSystem(folder / "data", _EMBEDDED | elsewhere)
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


def test_the_embedded_database_writes_ahead(started):
    with closing(sqlite3.connect(started.data / "sealpost.sqlite3")) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_nothing_is_written_outside_the_data_folder(started, tmp_path):
    """Not beside the code, not in the home or the temporary folder, nor by a file that is open anywhere else."""
    ana = member(started, started.people[0], tmp_path / "ana")
    file = pdf(tmp_path / "report.pdf", pages=1)
    sent = ana.send(file, to=["ben@birch.example"], steps=[{"step": "file.scrub", "parameters": {}}])
    assert sent["job"]["state"] == "done", sent["job"]
    changed = {path for path, at in files(ROOT).items() if started.before.get(path) != at}
    assert changed == set()
    assert [path for name in ("home", "tmp", "cache") for path in (started.data.parent / name).iterdir()] == []
    assert [path for path in written_by(started) if not path.startswith(f"{started.data}/")] == []
    assert [path for path in written_by(started) if path.startswith(f"{started.data}/")]  # the look sees some


def written_by(system: RunningSystem) -> set[str]:
    """Files that the system's processes hold open for writing; its log and files without a name left out."""
    found = set()
    for pid in system.children(""):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            try:
                target, mode = str(entry.readlink()), entry.lstat().st_mode
            except OSError:
                continue
            named = target.startswith("/") and not target.startswith("/dev/") and not target.endswith(" (deleted)")
            if named and mode & stat.S_IWUSR:
                found.add(target)
    return found - {str(system.log)}


def test_a_taken_port_is_one_sentence(started, tmp_path):
    line = refused({"SEALPOST_DATA": str(tmp_path / "other"), "SEALPOST_PORT": str(started.port)})
    assert line == (
        f"CommandError: Sealpost cannot start: port {started.port} on 127.0.0.1 cannot be used (Address already in "
        "use). Stop what uses it, or set SEALPOST_PORT."
    )


def test_two_on_one_folder_is_one_sentence_and_the_first_goes_on(started):
    line = refused({"SEALPOST_DATA": str(started.data), "SEALPOST_PORT": str(free_port())})
    assert line == (
        f"CommandError: Sealpost cannot start: another one runs on the folder {started.data}. "
        "End it, or set SEALPOST_DATA to another folder."
    )
    assert (started.data / "run" / "valkey.sock").exists()
    assert httpx.get(f"{started.url}/health").status_code == 200


@pytest.mark.parametrize(("folder", "reason"), [("{file}/data", "Not a directory"), ("/proc/sealpost/data", "No such")])
def test_an_unwritable_folder_is_one_sentence(tmp_path, folder, reason):
    (tmp_path / "file").write_text("no folder")
    line = refused({"SEALPOST_DATA": folder.format(file=tmp_path / "file")})
    assert line.startswith("Sealpost cannot start: the folder ")
    assert f"cannot be written ({reason}" in line
    assert line.endswith("Set SEALPOST_DATA to one that can.")
    assert "\n" not in line


def test_a_folder_whose_database_is_none_is_one_sentence(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sealpost.sqlite3").write_bytes(b"no database " * 1000)
    line = refused({"SEALPOST_DATA": str(tmp_path / "data"), "SEALPOST_PORT": str(free_port())})
    assert line == "CommandError: Sealpost cannot start: the database cannot be used (file is not a database)."


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path):
    address = "postgres://sealpost:secret-of-the-operator@127.0.0.1:1/sealpost"
    environment = {"SEALPOST_DATA": str(tmp_path / "data"), "SEALPOST_PORT": str(free_port()), "DATABASE_URL": address}
    line = refused(environment)
    assert line.startswith("CommandError: Sealpost cannot start: the database cannot be used (")
    assert "\n" not in line
    assert "secret-of-the-operator" not in line


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SEALPOST_PORT", "eighty", "SEALPOST_PORT must be a whole number from 1 to 65535."),
        ("SEALPOST_ORIGIN", "exchange.example", "SEALPOST_ORIGIN must look like https://exchange.example"),
        ("SEALPOST_UPLOAD_MAX", "-1", "SEALPOST_UPLOAD_MAX must be a whole number"),
        ("DATABASE_URL", "mysql://secret@host/name", "DATABASE_URL must be an address that begins with postgres://"),
        ("DATABASE_URL", "postgres://host:secret/name", "DATABASE_URL must be an address that begins with postgres://"),
        ("CELERY_BROKER_URL", "host:secret", "CELERY_BROKER_URL must be an address that begins with redis://"),
        ("CACHE_URL", "/secret.sock", "CACHE_URL must be an address that begins with redis://"),
        ("SEALPOST_ORIGIN_FILE", "/nowhere", "SEALPOST_ORIGIN_FILE names a file that cannot be read"),
    ],
)
def test_a_setting_out_of_bounds_is_one_sentence(tmp_path, name, value, says):
    line = refused({"SEALPOST_DATA": str(tmp_path / "data"), name: value})
    assert says in line
    assert "\n" not in line
    assert "secret" not in line


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
    assert wrong == f"CommandError: Sealpost cannot start: {_NOT_THE_ONE}"
    for program in _PROGRAMS:  # each of them alone, as in production
        assert told_by(system, *program).count(f"Sealpost cannot start: {_NOT_THE_ONE}") == 1
    root_key.unlink()
    missing = refused(system.env())
    assert "is missing, and this database was sealed with it" in missing
    assert not root_key.exists()


_NOT_THE_ONE = (
    "the vault's root key is not the one that this database was sealed with. "
    "Nothing was changed; restore the right key from its backup."
)
_PROGRAMS = [
    [
        "gunicorn",
        "portal.wsgi:application",
        "--bind",
        "unix:{data}/run/web.sock",
        "--workers",
        "1",
        "--no-control-socket",
    ],
    ["celery", "--quiet", "-A", "portal.celery", "worker", "--concurrency", "1"],
]


def told_by(system: RunningSystem, *program: str) -> str:
    """What a program that must not start says before it ends by itself."""
    command = [sys.executable, "-m", *(part.format(data=system.data) for part in program)]
    done = subprocess.run(command, cwd=ROOT, env=system.env(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("moment", ["when the settings were read", "when Valkey runs", "when the web server begins"])
def test_ctrl_c_while_it_starts_leaves_nothing_and_no_trace(tmp_path, moment):
    system = RunningSystem(tmp_path / "data", dict(_EMBEDDED), port=free_port())
    log = tmp_path / "data.log"
    with log.open("ab") as said_here:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run"], cwd=ROOT, env=system.env(), stdin=subprocess.DEVNULL,
            stdout=said_here, stderr=said_here, start_new_session=True,
        )  # fmt: skip
    reached = {
        "when the settings were read": (system.data / "keys").exists,
        "when Valkey runs": lambda: system.children("valkey"),
        "when the web server begins": lambda: system.children("gunicorn"),
    }
    try:
        waited(reached[moment], bool)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) in {0, 130, -signal.SIGINT}
    finally:
        process.kill()
    assert "Traceback" not in log.read_text()
    waited(lambda: system.children(""), lambda left: not left, seconds=10)
    assert not (system.data / "run" / "valkey.sock").exists()


def interrupted(system: RunningSystem) -> int:
    """End it as Ctrl-C at a terminal does, which signals the whole group; nothing is left of it. The exit code."""
    os.killpg(system.process.pid, signal.SIGINT)
    waited(lambda: system.children(" beat "), lambda left: not left, seconds=20)
    system.stop()  # a second signal, while the first is still at work
    code = system.process.wait(60)
    waited(lambda: system.children(""), lambda left: not left, seconds=10)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", system.port))
    assert not (system.data / "run" / "valkey.sock").exists()
    assert "Stopping." in said(system)
    assert "Traceback" not in said(system)
    return code


def test_a_part_that_ends_by_itself_ends_everything_with_its_name(started):
    os.kill(min(started.children("worker --queues fast")), signal.SIGKILL)
    assert started.process.wait(30) == 1
    assert "the worker for fast jobs ended by itself (code -9); everything was stopped." in said(started)
    waited(lambda: started.children(""), lambda left: not left, seconds=10)
