"""A database from which somebody has taken what keeps tenants apart."""

import os
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django_scopes import scopes_disabled

from portal.database.isolation import NotIsolated, isolation_check
from tests.running import ROOT
from tests.services.postgres import postgres_url


def refused_after(*statements: str) -> str:
    """Why a process does not start after these statements; `migrate` puts right what they did."""
    isolation_check()
    with transaction.atomic(), scopes_disabled():
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        with pytest.raises(NotIsolated) as refused:
            isolation_check()
        call_command("migrate", verbosity=0)
        isolation_check()
        transaction.set_rollback(True)
    return refused.value.sentence


def run_as(role: str, code: str) -> tuple[int, str]:
    """How code ends in a process of its own that connects as a role of PostgreSQL; its code and what it says."""
    given = connection.get_connection_params()
    environment = os.environ | {"DATABASE_URL": postgres_url(role, given["dbname"], given["host"])}
    environment["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr.strip()


def start_check_as(role: str) -> tuple[int, str]:
    """How the check that web and worker make ends as a role."""
    return run_as(role, "from portal.start_check import start_check; start_check()")
