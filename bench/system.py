"""The portal and its plain twin, running on one folder."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import httpx

from sealpost.client.session import Session
from tests.people import member
from tests.running import ROOT, RunningSystem

_READY_SECONDS = 30


@dataclass(frozen=True)
class Running:
    """An address and the web server's processes behind it."""

    url: str
    pids: list[int]


@contextmanager
def portal() -> Iterator[RunningSystem]:
    """A system on the embedded default in a fresh folder."""
    folder = Path(tempfile.mkdtemp(prefix="sealpost-bench-"))
    system = RunningSystem(folder / "data", {"DATABASE_URL": "", "CELERY_BROKER_URL": "", "CACHE_URL": ""})
    try:
        system.start()
        yield system
    finally:
        system.stop()
        shutil.rmtree(folder, ignore_errors=True)


def web(system: RunningSystem) -> Running:
    """The portal's own web server."""
    return Running(system.url, system.children("gunicorn"))


@contextmanager
def plain(system: RunningSystem) -> Iterator[Running]:
    """The same gunicorn on the same folder, with bench.plain in place of the portal."""
    twin = replace(system, port=system.port + 1)
    environment = twin.env() | {"DJANGO_SETTINGS_MODULE": "bench.plain.settings", "PYTHONWARNINGS": "ignore"}
    code = "import json; from portal.processes import web; print(json.dumps(web().command))"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
    before = set(system.children("gunicorn"))
    process = subprocess.Popen(json.loads(said.stdout), cwd=ROOT, env=environment)
    try:
        _wait(f"{twin.url}/plain/{uuid4()}/0")
        yield Running(twin.url, [pid for pid in system.children("gunicorn") if pid not in before])
    finally:
        process.terminate()
        process.wait(_READY_SECONDS)


def _wait(url: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.put(url, content=b"").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("the plain server does not answer")


def signed_in(system: RunningSystem) -> Session:
    """A session of the system's first person, with an own password."""
    return member(system, system.people[0], system.data).session
