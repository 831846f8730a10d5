"""The active scope is what PostgreSQL goes by, for the statement and not a moment longer (docs/adr/0008)."""

import psycopg
import pytest
from django.db import DatabaseError, NotSupportedError, connection, connections, transaction
from django_scopes import scope, scopes_disabled

from accounts.models import Tenant, User

if connection.vendor != "postgresql":
    pytest.skip("SQLite has no row level security", allow_module_level=True)
pytestmark = pytest.mark.django_db


def settings_there(served: str) -> tuple[str, str]:
    """What the connection's next user would find, asked past the backend."""
    ask = "SELECT current_setting('app.tenant', true), current_setting('app.platform', true)"
    tenant, platform = psycopg.ClientCursor(connections[served].connection).execute(ask).fetchone()
    return tenant or "", platform or ""


def seen(served: str) -> set:
    """Which tenants' users a statement of Django's sees, past what django-scopes adds to it."""
    return set(User._base_manager.using(served).values_list("tenant_id", flat=True))


def test_a_statement_sees_what_its_scope_says(served, planted):
    aster, birch = planted.aster, planted.birch
    for within in (lambda: transaction.atomic(using=served), lambda: transaction.atomic(using="default")):
        with within():
            assert seen(served) == set()
            with scope(tenant=aster):
                assert seen(served) == {aster.id}
                with scopes_disabled():
                    assert seen(served) == {aster.id, birch.id}
                with scope(tenant=birch):
                    assert seen(served) == {birch.id}
                assert seen(served) == {aster.id}
            assert seen(served) == set()


@pytest.mark.parametrize("end", ["commit", "rollback", "autocommit", "error"])
@pytest.mark.parametrize("whose", ["tenant", "platform"])
def test_nothing_is_left_for_the_next_user_of_a_connection(served, planted, end, whose):
    with scope(tenant=planted.aster) if whose == "tenant" else scopes_disabled():
        if end == "autocommit":
            assert planted.aster.id in seen(served)
        elif end == "error":
            with pytest.raises(DatabaseError), connections[served].cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        else:
            with transaction.atomic(using=served):
                assert planted.aster.id in seen(served)
                assert settings_there(served) != ("", "")
                transaction.set_rollback(end == "rollback", using=served)
    assert settings_there(served) == ("", "")
    assert seen(served) == set()


@pytest.mark.parametrize("cause", ["rollback", "error"])
def test_a_rollback_to_a_savepoint_takes_the_setting_back_and_is_noticed(served, planted, cause):
    aster, birch = planted.aster, planted.birch
    with transaction.atomic(using=served):
        with scope(tenant=aster):
            with pytest.raises(DatabaseError), transaction.atomic(using=served), scope(tenant=birch):
                assert seen(served) == {birch.id}
                if cause == "rollback":
                    raise DatabaseError
                with connections[served].cursor() as cursor:
                    cursor.execute("SELECT 1 / 0")
            assert settings_there(served) == (str(aster.id), ""), "PostgreSQL went back to what held before"
        with scope(tenant=birch):
            assert seen(served) == {birch.id}
        assert seen(served) == set()


def test_a_savepoint_that_is_kept_keeps_what_is_known(served, planted):
    with transaction.atomic(using=served):
        with transaction.atomic(using=served), scope(tenant=planted.birch):
            assert seen(served) == {planted.birch.id}
        assert seen(served) == set()
        with scope(tenant=planted.birch):
            assert seen(served) == {planted.birch.id}


def test_a_new_connection_begins_with_nothing(served, planted):
    with scope(tenant=planted.aster):
        assert seen(served) == {planted.aster.id}
        connections[served].close()
        assert seen(served) == {planted.aster.id}
    connections[served].close()
    assert seen(served) == set()


@pytest.mark.parametrize("within", [True, False])
def test_rows_that_are_read_bit_by_bit_are_those_of_the_scope_that_asked(served, planted, within):
    with transaction.atomic(using=served if within else "default"):
        with scope(tenant=planted.aster):
            rows = User._base_manager.using(served).order_by("id").iterator(chunk_size=1)
            read = [next(rows)]
        with scope(tenant=planted.birch):
            assert seen(served) == {planted.birch.id}
            read += list(rows)
        assert len(read) > 1
        assert {row.tenant_id for row in read} == {planted.aster.id}


def test_writes_go_by_the_scope_too(served, planted):
    own = Tenant.objects.using(served).filter(id=planted.aster.id)
    assert own.update(language="de") == 0
    with scope(tenant=planted.birch):
        assert own.update(language="de") == 0
    with scope(tenant=planted.aster):
        assert own.update(language="en") == 1


@pytest.mark.parametrize("way", ["executemany", "copy"])
def test_there_is_one_way_to_run_a_statement(served, way):
    connections[served].ensure_connection()
    with connections[served].cursor() as cursor, pytest.raises(NotSupportedError):
        getattr(cursor, way)("COPY accounts_user TO STDOUT", [])


def test_what_no_transaction_takes_still_runs_under_a_scope(planted):
    """As a migration without a transaction does, as the role that owns the tables."""
    own = connection.copy("own")
    try:
        with scopes_disabled(), own.cursor() as cursor:
            cursor.execute("CREATE INDEX CONCURRENTLY tried ON accounts_user (role)")
            cursor.execute("DROP INDEX CONCURRENTLY tried")
    finally:
        own.close()


def test_the_scope_costs_no_statement_of_its_own(served, planted, django_assert_num_queries):
    with scope(tenant=planted.aster), django_assert_num_queries(1, connection=connections[served]):
        seen(served)
