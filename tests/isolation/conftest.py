"""Two organisations whose rows are committed, for tests that look from connections of their own."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections

from portal.database.append_only import rights_withhold
from portal.database.roles import role_grant
from portal.database.triggers import triggers_drop
from tests.isolation.planted import Planted, plant
from tests.portal.conftest import people, world  # noqa: F401  (fixtures)
from tests.services.postgres import MIGRATE, SERVE, SUPERUSER
from vault.services import ring_cache_clear


@pytest.fixture(scope="module")
def planted(root_key, django_db_setup, django_db_blocker) -> Iterator[Planted]:
    with django_db_blocker.unblock():
        ring_cache_clear()
        made = plant()
        if connection.vendor == "postgresql":
            role_grant(SERVE)
            rights_withhold(SERVE)
    yield made
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            triggers_drop()
        call_command("flush", verbosity=0, interactive=False)


def _as(role: str) -> psycopg.Connection:
    given = connection.get_connection_params()
    return psycopg.connect(host=given["host"], dbname=given["dbname"], user=role, autocommit=True)


@pytest.fixture
def app(planted, db) -> Iterator[psycopg.Connection]:
    """A connection of the role that serves, past everything of ours."""
    with _as(SERVE) as connected:
        yield connected


@pytest.fixture
def owner(planted, db) -> Iterator[psycopg.Connection]:
    """A connection of the role that owns the tables."""
    with _as(MIGRATE) as connected:
        yield connected


@pytest.fixture
def served(planted, db) -> Iterator[str]:
    """The alias of a connection of Django's as the role that serves, in no transaction of the test's."""
    made = connection.copy("served")
    made.settings_dict["USER"] = SERVE
    connections["served"] = made
    yield "served"
    made.close()
    del connections["served"]


@pytest.fixture
def by_hand(planted, db) -> Iterator[Callable[..., None]]:
    """Runs a statement as somebody who has the database in their hands and nothing else: no policy, trigger or
    foreign key stops it. What it does is undone where it says how."""

    def as_kept(value: Any) -> Any:
        return value.hex if connection.vendor == "sqlite" else value

    undo: list[tuple[str, list[Any]]] = []
    with _as(SUPERUSER) if connection.vendor == "postgresql" else connection.cursor() as hand:
        if connection.vendor == "postgresql":
            hand.execute("SET session_replication_role = replica")
        else:
            triggers_drop()

        def run(statement: str, values: list[Any], back: list[Any]) -> None:
            undo.append((statement, [as_kept(value) for value in back]))
            assert hand.execute(statement, [as_kept(value) for value in values]).rowcount == 1

        yield run
        for statement, values in undo:
            hand.execute(statement, values)
