"""What must be right before a process serves, whoever started it."""

import sys

from django.db import DatabaseError, connection

from portal.database.isolation import isolation_check
from sealpost.errors import SealpostError
from vault.services import root_key_check

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


def _end(sentence: str) -> None:
    sys.stderr.write(f"Sealpost cannot start: {sentence}\n")
    sys.exit(_BOOT_FAILED)
