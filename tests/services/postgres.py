"""Debian's PostgreSQL on a socket in a temporary folder, as its own user where the tests run as root.

Roles and databases are made by the very statements that docs/operations.md gives operators.
"""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from tests.services.processes import start

SUPERUSER, MIGRATE, SERVE, BACKUP = "postgres", "sealpost_migrate", "sealpost_app", "sealpost_backup"
_OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise RuntimeError("PostgreSQL is not installed (apt-get install postgresql)")
    return found[-1].parent


def postgres_url(role: str, name: str, folder: str | Path) -> str:
    """Address of a database."""
    return f"postgres://{role}@/{name}?host={folder}"


def roles_create(folder: Path) -> None:
    """The operators' roles; the one that migrates makes databases too, as the tests need."""
    _run(folder, [line for line in _statements() if " ROLE " in line] + [f"ALTER ROLE {MIGRATE} CREATEDB"])


def database_create(folder: Path, name: str) -> None:
    """A database as operators make it, under another name."""
    lines = [line for line in _statements() if " DATABASE " in line]
    _run(folder, [line.replace(" DATABASE sealpost ", f" DATABASE {name} ") for line in lines])


def _statements() -> list[str]:
    block = re.search(r"```sql\n(.*?)```", _OPERATIONS.read_text(), re.DOTALL)
    return [line for line in block[1].splitlines() if line]


def _run(folder: Path, statements: list[str]) -> None:
    options = ["-h", str(folder), "-U", SUPERUSER, "-d", "postgres", "-v", "ON_ERROR_STOP=1"]
    commands = [part for statement in statements for part in ("-c", statement)]
    subprocess.run([str(_binaries() / "psql"), *options, *commands], check=True, capture_output=True)


def postgres_start(folder: Path) -> str:
    """DATABASE_URL on a fresh server, as the role that owns the tables: FORCE makes the policies hold for it too, and
    it may make and empty the tests' own database."""
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
        SUPERUSER,
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
            roles_create(folder)
            database_create(folder, "sealpost")
            return postgres_url(MIGRATE, "sealpost", folder)
        time.sleep(0.05)
    raise RuntimeError("PostgreSQL does not answer")
