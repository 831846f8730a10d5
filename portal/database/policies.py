"""Row level security on every table that holds rows of tenants or of the platform, made from the models."""

import re

from django.apps import apps
from django.db import connection, models

from accounts.models import Connection, Tenant
from accounts.tenancy import TenantModel

_TENANT = "NULLIF(current_setting('app.tenant', true), '')::uuid"
_PLATFORM = "current_setting('app.platform', true) = 'on'"
_NAME = "sealpost_isolation"

# Django's own tables, by application. None holds a row of a tenant, and Django reads them with no scope.
EXEMPT = {
    "admin": "what operators did in Django admin",
    "auth": "operators, their groups and permissions",
    "contenttypes": "names of the models",
    "otp_totp": "second factors of operators",
    "sessions": "sessions of operators in Django admin",
}
EXEMPT_TABLES = {"django_migrations": "which migrations were applied"}

# Tables that are shown to the tenants that these columns name, and are no TenantModel.
_BELONGS: dict[type[models.Model], tuple[str, ...]] = {Tenant: ("id",), Connection: ("first_id", "second_id")}


def _columns(model: type[models.Model]) -> tuple[str, ...]:
    """Which columns name the tenants that may see a row; none: the platform alone."""
    return ("tenant_id",) if issubclass(model, TenantModel) else _BELONGS.get(model, ())


def conditions() -> dict[str, str]:
    """By table, when a row of it may be seen and written. A model that nobody thought of is the platform's."""
    every = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    guarded = [model for model in every if model._meta.app_label not in EXEMPT]
    return {
        model._meta.db_table: " OR ".join([*(f"{column} = {_TENANT}" for column in _columns(model)), _PLATFORM])
        for model in guarded
    }


def _plain(expression: str) -> str:
    """A condition without what PostgreSQL adds when it prints one."""
    return re.sub(r"::text|[\s()]", "", expression)


def policy_faults() -> dict[str, str]:
    """By table, what is missing there. Empty: every policy holds, also for who owns the tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, p.polname, p.polcmd = '*' AND p.polpermissive"
            " AND p.polroles = '{0}', pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)"
            " FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid"
            " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')"
        )
        rows = cursor.fetchall()
    return {table: fault for table, wanted in conditions().items() if (fault := _fault(table, wanted, rows))}


def _fault(table: str, wanted: str, rows: list[tuple]) -> str:
    mine = [row[1:] for row in rows if row[0] == table]
    if not mine:
        return "is missing"
    enabled, forced = mine[0][:2]
    if not enabled:
        return "has no row level security"
    if not forced:
        return "does not force row level security on its owner"
    if len(mine) > 1 or mine[0][2] != _NAME or not mine[0][3]:
        return "has another policy than Sealpost's"
    if {_plain(mine[0][4] or ""), _plain(mine[0][5] or "")} != {_plain(wanted)}:
        return "has another policy than Sealpost's"
    return ""


def policies_apply() -> None:
    """Put right what `policy_faults` finds, in tables that are there."""
    wanted = conditions()
    with connection.cursor() as cursor:
        for table in [table for table, fault in policy_faults().items() if fault != "is missing"]:
            cursor.execute("SELECT polname FROM pg_policy WHERE polrelid = %s::regclass", [table])
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP POLICY "{name}" ON "{table}"')
            cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY')
            condition = wanted[table]
            cursor.execute(f'CREATE POLICY {_NAME} ON "{table}" USING ({condition}) WITH CHECK ({condition})')
