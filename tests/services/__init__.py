"""An early pytest plugin: starts what the suite needs before Django reads its settings, and ends it afterwards.

One Valkey always; PostgreSQL and Redis in place of SQLite and Valkey with SEALPOST_TEST_DATABASE=postgres; clamd with a
hand-written EICAR signature where it is installed. All of it in one temporary folder.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.services.clamd import clamd_start
from tests.services.postgres import postgres_start
from tests.services.processes import stop_all
from tests.services.valkey import redis_start, valkey_start

FOLDER = Path(tempfile.mkdtemp(prefix="sealpost-test-"))
FOLDER.chmod(0o755)
LEFT_OUT: list[str] = []


def _start() -> None:
    os.environ["SEALPOST_DATA"] = str(FOLDER / "data")
    os.environ["SEALPOST_SIGN_IN_RATE"] = "100000"
    if os.environ.get("SEALPOST_TEST_DATABASE") == "postgres":
        os.environ["DATABASE_URL"] = postgres_start(FOLDER / "postgres")
        address = redis_start(FOLDER)
    else:
        os.environ.pop("DATABASE_URL", None)
        address = valkey_start(FOLDER)
    os.environ["CELERY_BROKER_URL"] = f"redis+socket://{address}?virtual_host=0"
    os.environ["CACHE_URL"] = f"unix://{address}?db=1"
    scanner = clamd_start(FOLDER / "clamd")
    os.environ["SEALPOST_TEST_CLAMD"] = scanner or ""
    if not scanner:
        LEFT_OUT.append("malware scan: clamd is not installed (apt-get install clamav-daemon)")
    if not shutil.which("bwrap"):
        LEFT_OUT.append("steps: bubblewrap is not installed (apt-get install bubblewrap)")
    if not shutil.which("chromium"):
        LEFT_OUT.append("browser: Chromium is not installed (apt-get install chromium)")


def _end() -> None:
    stop_all()
    shutil.rmtree(FOLDER, ignore_errors=True)


atexit.register(_end)
_start()


def pytest_terminal_summary(terminalreporter, exitstatus, config) -> None:
    """Say what was left out on this machine, and why."""
    for reason in LEFT_OUT:
        terminalreporter.write_line(f"left out: {reason}")


def pytest_sessionfinish(session, exitstatus) -> None:
    """In CI nothing may be left out."""
    if LEFT_OUT and os.environ.get("CI") == "true":
        session.exitstatus = 1
