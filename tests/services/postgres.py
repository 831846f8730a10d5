"""Debian's PostgreSQL on a socket in a temporary folder, as its own user where the tests run as root."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from tests.services.processes import start


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise RuntimeError("PostgreSQL is not installed (apt-get install postgresql)")
    return found[-1].parent


def postgres_start(folder: Path) -> str:
    """DATABASE_URL of a fresh server."""
    binaries, as_user = _binaries(), []
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data = folder / "data"
    initdb = [
        *as_user,
        str(binaries / "initdb"),
        "-D",
        str(data),
        "-U",
        "sealpost",
        "--auth=trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    subprocess.run(initdb, check=True, capture_output=True, cwd="/")
    options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    start([*as_user, str(binaries / "postgres"), "-D", str(data), *options])
    folder.chmod(0o755)
    ready = [str(binaries / "pg_isready"), "-h", str(folder)]
    for _ in range(200):
        if subprocess.run(ready, capture_output=True, check=False).returncode == 0:
            return f"postgres://sealpost@/postgres?host={folder}"
        time.sleep(0.05)
    raise RuntimeError("PostgreSQL does not answer")
