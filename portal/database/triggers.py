"""What SQLite has in place of composite foreign keys, policies and rights: triggers that refuse a row of two
tenants, and a change of the audit log.
"""

from django.db import connection

from portal.database.append_only import APPEND_ONLY, append_only_triggers
from portal.database.same_tenant import Reference, references, tenant_models
from portal.database.two_tenants import PAIR, PAIR_MOVED, TERMS, terms_foreign

_PREFIX = "same_tenant_"
_REFUSE = "BEGIN SELECT RAISE(ABORT, 'tenant mismatch'); END"


def _foreign(table: str, found: list[Reference]) -> dict[str, str]:
    """By column of a table, when it refers to a row that is not of the same tenant."""
    same = 'SELECT 1 FROM "{}" WHERE id = NEW."{}" AND tenant_id = NEW.tenant_id'
    return {
        column: f'NEW."{column}" IS NOT NULL AND NOT EXISTS ({same.format(target, column)})'
        for owner, column, target in found
        if owner == table
    }


def _wanted() -> dict[str, tuple[str, str]]:
    """By name, the table of a trigger and the statement that makes it. A row keeps its tenant for ever."""
    wanted, found = append_only_triggers(), references()
    for table in [model._meta.db_table for model in tenant_models()]:
        foreign = _foreign(table, found) | ({"connection_id": terms_foreign()} if table == TERMS else {})
        columns = ", ".join(f'"{column}"' for column in ["tenant_id", *foreign])
        ways = {f"UPDATE OF {columns}": ["NEW.tenant_id <> OLD.tenant_id", *foreign.values()]}
        if foreign:
            ways["INSERT"] = list(foreign.values())
        wanted |= _named(table, ways)
    return wanted | _named(PAIR, {'UPDATE OF "first_id", "second_id"': [PAIR_MOVED]})


def _named(table: str, ways: dict[str, list[str]]) -> dict[str, tuple[str, str]]:
    named = {}
    for way, conditions in ways.items():
        name = f"{_PREFIX}{table}_{way.split()[0].lower()}"
        when = " OR ".join(f"({condition})" for condition in conditions)
        named[name] = table, f'CREATE TRIGGER "{name}" BEFORE {way} ON "{table}" WHEN {when} {_REFUSE}'
    return named


def _there() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {name: sql for name, sql in cursor.fetchall() if name.startswith((_PREFIX, APPEND_ONLY))}


def triggers_missing() -> dict[str, tuple[str, str]]:
    """What of it SQLite lacks or has otherwise, on tables that are there."""
    there = _there()
    missing = {name: made for name, made in _wanted().items() if there.get(name) != made[1]}
    tables = connection.introspection.table_names() if missing else []
    return {name: made for name, made in missing.items() if made[0] in tables}


def triggers_apply() -> None:
    """Make the triggers what they should be."""
    missing = triggers_missing()
    with connection.cursor() as cursor:
        for name, (_, statement) in missing.items():
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
            cursor.execute(statement)


def triggers_drop() -> None:
    """Take them away while tables change: SQLite renames none to which a trigger of another one refers."""
    with connection.cursor() as cursor:
        for name in _there():
            cursor.execute(f'DROP TRIGGER "{name}"')
