"""The whole system, started as a person starts it: `manage.py run` on a fresh folder."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from tests.services.postgres import MIGRATE, SERVE, database_create, postgres_url

ROOT = Path(__file__).resolve().parent.parent
_READY_SECONDS = 90
_numbers = count(2, 2)


@dataclass
class Person:
    """A login and the passphrase that was issued for it."""

    login: str
    passphrase: str


@dataclass
class RunningSystem:
    """A running Sealpost; `environment` adds to what it starts with."""

    data: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    people: list[Person] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Address of the portal."""
        return f"http://127.0.0.1:{self.port}"

    def env(self) -> dict[str, str]:
        """Environment of the system's processes."""
        own = {"SEALPOST_DATA": str(self.data), "SEALPOST_PORT": str(self.port), "SEALPOST_SIGN_IN_RATE": "100000"}
        return dict(os.environ) | own | self.environment

    def start(self) -> None:
        """Start and wait until it is ready; RuntimeError with what it said otherwise."""
        self.port = self.port or _free_port()
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.log = self.data.parent / f"{self.data.name}.log"
        with self.log.open("ab") as log:
            at = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run"], cwd=ROOT, env=self.env(), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            said = self.log.read_bytes()[at:].decode()
            if "is ready at" in said:
                for login, passphrase in re.findall(r"(\S+@\S+)\s+([a-z]+(?:-[a-z]+){5})$", said, re.MULTILINE):
                    self.people.append(Person(login, passphrase))
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"Sealpost did not start:\n{said}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it and wait; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)

    def children(self, pattern: str) -> list[int]:
        """Pids of this system's processes whose command line has the pattern."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                environment = (entry / "environ").read_bytes()
            except (OSError, UnicodeDecodeError):
                continue
            mine = f"SEALPOST_DATA={self.data}\0".encode() in environment
            titled = f"{self.data}/" in command  # Valkey writes its title over its environment
            if pattern in command and (mine or titled):
                found.append(int(entry.name))
        return sorted(found)

    def job_processes(self) -> list[int]:
        """Pids of those that do jobs: what the workers have started, not the workers themselves."""
        workers = self.children("celery --quiet -A portal.celery worker")
        return [pid for pid in workers if _parent(pid) in workers]

    def sandboxes(self) -> set[tuple[int, str]]:
        """(pid, when it was started) of this checkout's sandboxes and of all that runs in them, as `ps` sees them.

        They have nothing of the system in their environment, so those of another system of this checkout count too.
        """
        of, inside = {}, set()
        for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
            try:
                command = (Path("/proc") / str(pid) / "cmdline").read_bytes()
                of[pid] = _parent(pid)
            except OSError:
                continue
            if str(ROOT).encode() in command and (command.startswith(b"bwrap\0") or b"\0/enter.py\0" in command):
                inside.add(pid)
        while more := {pid for pid, parent in of.items() if parent in inside} - inside:
            inside |= more
        return {(pid, when) for pid in inside if (when := _started(pid))}

    def manage(self, *arguments: str) -> dict:
        """Run a management command against it; the answer of `--json`."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments, "--json"], cwd=ROOT, env=self.env(), capture_output=True,
            text=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout)

    def django(self, code: str) -> Any:
        """Run code inside the system's own Django, as somebody with the whole server would; what it gives `answer`."""
        script = (
            "import json, django; django.setup()\nfrom django_scopes import scopes_disabled\n"
            f"with scopes_disabled():\n{indent(dedent(code), '    ')}\nprint(json.dumps(answer))"
        )
        environment = self.env() | {"DJANGO_SETTINGS_MODULE": "portal.settings"}
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def _fields(pid: int) -> list[str]:
    """Of /proc/PID/stat, from the state on. OSError where there is none."""
    return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _parent(pid: int) -> int:
    try:
        return int(_fields(pid)[1])
    except OSError:
        return 0


def _started(pid: int) -> str:
    """When a process was started, in the kernel's own count; "" for one that has ended."""
    try:
        fields = _fields(pid)
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def production_environment() -> dict[str, str]:
    """A database of its own in PostgreSQL and in Redis where the test run uses them; otherwise the embedded default."""
    if os.environ.get("SEALPOST_TEST_DATABASE") != "postgres":
        return {"DATABASE_URL": "", "CELERY_BROKER_URL": "", "CACHE_URL": ""}
    number = next(_numbers)
    name = f"running_{number}"
    folder = os.environ["DATABASE_URL"].partition("host=")[2]
    database_create(Path(folder), name)
    return {
        "DATABASE_URL": postgres_url(SERVE, name, folder),
        "DATABASE_MIGRATE_URL": postgres_url(MIGRATE, name, folder),
        "CELERY_BROKER_URL": os.environ["CELERY_BROKER_URL"].replace("virtual_host=0", f"virtual_host={number}"),
        "CACHE_URL": os.environ["CACHE_URL"].replace("db=1", f"db={number + 1}"),
    }
