"""A database from which somebody has taken what keeps tenants apart."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django_scopes import scopes_disabled

from portal.database.isolation import NotIsolated, isolation_check


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
