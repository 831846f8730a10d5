"""What must be right before a process serves, whoever started it."""

import logging
import sys
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from exchange.sandbox import sandbox, sandbox_missing
from exchange.sandbox.self_test import self_test
from portal import environment
from portal.database.isolation import isolation_check
from sealpost.errors import SealpostError
from vault.services import root_key_check

_log = logging.getLogger("sealpost.start")
_BOOT_FAILED = 3  # gunicorn ends altogether on this code, and starts the process again on any other


def start_check() -> None:
    """End the process with one sentence unless the database is there, keeps tenants apart, and has this root key."""
    try:
        isolation_check()
        root_key_check()
    except SealpostError as error:
        _end(error.sentence)
    except DatabaseError as error:
        _end(f"the database cannot be used ({str(error).strip().partition(chr(10))[0]}).")
    finally:
        connection.close()


def sandbox_check() -> None:
    """End a worker with one sentence where programs in the sandbox can do what they must not.

    Where there is no sandbox at all nothing is processed, and messages without steps go on.
    """
    if sandbox_missing():
        return
    secret = [settings.SEALPOST_VAULT_ROOT, environment.ROOT / "manage.py", *_database_files()]
    wrong = self_test(sandbox(), secret=[str(path) for path in secret])
    if wrong:
        _end(f"the sandbox for documents does not hold: a program in it can {', '.join(wrong)}.")


def swap_check() -> None:
    """Warn where memory may be written to a disk in clear: what steps work on lies in memory file systems."""
    try:
        areas = [line.split()[0] for line in Path("/proc/swaps").read_text().splitlines()[1:]]
    except (OSError, IndexError):
        return
    if plain := [area for area in areas if not area.startswith(("/dev/dm-", "/dev/mapper/", "/dev/zram"))]:
        _log.warning("swap on %s may hold documents in clear; switch it off or encrypt it", ", ".join(plain))


def _database_files() -> list[Path]:
    name = connection.settings_dict["NAME"]
    return [Path(name)] if connection.vendor == "sqlite" else []


def _end(sentence: str) -> None:
    sys.stderr.write(f"Sealpost cannot start: {sentence}\n")
    sys.exit(_BOOT_FAILED)
