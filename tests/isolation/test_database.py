"""The database keeps tenants apart, also from whoever reaches it past the code above it (docs/adr/0009)."""

import json
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection

from accounts.tenancy import TenantModel
from portal.database.policies import conditions
from tests.isolation.planted import guarded

if connection.vendor != "postgresql":
    pytest.skip("SQLite has no row level security", allow_module_level=True)
pytestmark = pytest.mark.django_db

# Every table that shows its rows to whoever asks. None of them holds a row of a tenant: they are Django's own.
OPEN = {
    "auth_group": "groups of operators",
    "auth_group_permissions": "their permissions",
    "auth_permission": "names of permissions",
    "auth_user": "operators",
    "auth_user_groups": "their groups",
    "auth_user_user_permissions": "their permissions",
    "django_admin_log": "what operators did in Django admin",
    "django_content_type": "names of models",
    "django_migrations": "which migrations were applied",
    "django_session": "sessions of operators in Django admin",
    "otp_totp_totpdevice": "second factors of operators",
}
# What nobody changes or removes rows of, whoever asks: test_append_only.py.
LOG = {"accounts_auditevent", "accounts_auditcheckpoint", "accounts_audithead"}
TENANTS_OWN = {model._meta.db_table for model in guarded() if issubclass(model, TenantModel)}


def tables() -> set[str]:
    """Every table and view that there is, whoever made it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()")
        return {name for (name,) in cursor.fetchall()}


def count(app: psycopg.Connection, table: str, where: str = "true") -> int:
    return app.execute(f'SELECT count(*) FROM "{table}" WHERE {where}').fetchone()[0]


def set_local(app: psycopg.Connection, *, tenant: UUID | str = "", platform: str = "") -> None:
    app.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant)])
    app.execute("SELECT set_config('app.platform', %s, true)", [platform])


def test_without_a_tenant_no_table_shows_a_row(app, planted):
    with app.transaction():
        set_local(app, platform="on")
        assert [table for table in sorted(tables() - OPEN.keys()) if not count(app, table)] == [], "nothing is planted"
    shown = {table for table in tables() if count(app, table)}
    assert shown <= OPEN.keys()
    assert {"django_migrations", "auth_permission"} <= shown, "what is open was looked at too"


def test_a_tenant_sees_its_own_rows_and_no_other(app, planted):
    aster, birch = planted.aster.id, planted.birch.id
    for mine, other in ((aster, birch), (birch, aster)):
        with app.transaction():
            set_local(app, tenant=mine)
            for table in TENANTS_OWN:
                assert count(app, table) == count(app, table, f"tenant_id = '{mine}'") > 0, table
                assert count(app, table, f"tenant_id = '{other}'") == 0, table
            assert [row[0] for row in app.execute("SELECT id FROM accounts_tenant")] == [mine]
            assert count(app, "accounts_connection") == 1
            platforms = conditions().keys() - TENANTS_OWN - {"accounts_tenant", "accounts_connection"}
            assert len(platforms) > 7
            assert not any(count(app, table) for table in platforms)


@pytest.mark.parametrize("table", sorted(TENANTS_OWN))
def test_a_tenant_writes_no_row_of_another(app, planted, table):
    aster, birch = planted.aster.id, planted.birch.id
    with app.transaction():
        set_local(app, tenant=aster)
        if table not in LOG:
            for change in ("UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}"):
                assert app.execute(f"{change.format(table)} WHERE tenant_id = %s", [birch]).rowcount == 0
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), app.transaction():
                app.execute(f"UPDATE {table} SET tenant_id = %s", [birch])
        theirs = json.dumps({"id": str(uuid4()), "tenant_id": str(birch)})
        copied = f"INSERT INTO {table} SELECT (jsonb_populate_record(mine, %s)).* FROM {table} mine LIMIT 1"
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), app.transaction():
            app.execute(copied, [theirs])


def test_the_role_that_serves_changes_no_table(app):
    for statement in (
        "ALTER TABLE accounts_user DISABLE ROW LEVEL SECURITY", "DROP POLICY sealpost_isolation ON accounts_user",
        "TRUNCATE accounts_user CASCADE", "CREATE TABLE taken ()", "DROP TABLE accounts_user CASCADE",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement)
