"""No row refers to one of another tenant: composite foreign keys, made from the models on PostgreSQL.

They stand beside Django's own, which Django would not let cover two columns. What SQLite has instead: triggers.py.
"""

from typing import NamedTuple

from django.apps import apps
from django.db import connection, models

from accounts.tenancy import TenantModel

_NAME_MOST = 63  # bytes of a name in PostgreSQL


class Reference(NamedTuple):
    """A column of one tenant table that refers to a row of another."""

    table: str
    column: str
    target: str


def tenant_models() -> list[type[TenantModel]]:
    """Every concrete model whose rows belong to a tenant."""
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]


def references() -> list[Reference]:
    """Every foreign key between them that the database has: after migrations up to a name it may not have all."""
    there = columns_there()
    return [
        Reference(model._meta.db_table, field.column, field.related_model._meta.db_table)
        for model in tenant_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and issubclass(field.related_model, TenantModel)
        and {(model._meta.db_table, field.column), (field.related_model._meta.db_table, "id")} <= there
    ]


def columns_there() -> set[tuple[str, str]]:
    """Every table of the schema with each of its columns."""
    sql = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    if connection.vendor == "sqlite":
        sql = "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return set(cursor.fetchall())


def _constraints() -> dict[tuple[str, str], str]:
    """By table and name, what makes a constraint; what is referred to comes first."""
    found = references()
    wanted = {(one.target, f"{one.target}_tenant_id_key"): "UNIQUE (tenant_id, id)" for one in found}
    for table, column, target in found:
        wanted[table, f"{table}_{column}_same_tenant"] = (
            f'FOREIGN KEY (tenant_id, "{column}") REFERENCES "{target}" (tenant_id, id) DEFERRABLE INITIALLY DEFERRED'
        )
    if too_long := [name for _, name in wanted if len(name) > _NAME_MOST]:
        raise ValueError(f"names too long for PostgreSQL: {too_long}")
    return wanted


def constraints_missing() -> dict[tuple[str, str], str]:
    """What of it PostgreSQL lacks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
            " WHERE c.relnamespace = current_schema()::regnamespace AND k.convalidated"
        )
        there = set(cursor.fetchall())
    return {key: how for key, how in _constraints().items() if key not in there}


def constraints_apply() -> None:
    """Add what is missing. A row that refers to another tenant's already stops it."""
    with connection.cursor() as cursor:
        for (table, name), how in constraints_missing().items():
            cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {how}')
