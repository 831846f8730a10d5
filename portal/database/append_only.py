"""The audit log grows and does nothing else: who serves adds rows to it, and neither changes nor removes one.

PostgreSQL withholds the rights from the serving role; on SQLite, which has no roles, triggers refuse (triggers.py).
"""

from django.db import connection, models

from accounts.models import AuditCheckpoint, AuditEvent, AuditHead
from portal.database.same_tenant import columns_there

APPEND_ONLY = "append_only_"
_REFUSE = "BEGIN SELECT RAISE(ABORT, 'append only'); END"

# Which columns of a row may change: of the end of a chain, where it ends.
_GROWING: dict[type[models.Model], tuple[str, ...]] = {
    AuditEvent: (),
    AuditCheckpoint: (),
    AuditHead: ("seq", "hash", "checkpoint"),
}


_MAY_ALTER = (
    "SELECT c.relowner <> current_user::regrole AND (has_table_privilege(c.oid, 'DELETE, TRUNCATE') OR EXISTS ("
    "SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " AND a.attname <> ALL(%s) AND has_column_privilege(c.oid, a.attnum, 'UPDATE')))"
    " FROM pg_class c WHERE c.oid = to_regclass(%s)"
)


def rights_withhold(role: str) -> None:
    """Take from a role, which was given the use of every table, what would alter the log."""
    name, there = connection.ops.quote_name(role), columns_there()
    with connection.cursor() as cursor:
        for model, free in _GROWING.items():
            table = model._meta.db_table
            if (table, "id") not in there:  # after migrations up to a name
                continue
            cursor.execute(f'REVOKE UPDATE, DELETE ON "{table}" FROM {name}')
            if columns := ", ".join(f'"{column}"' for column in free if (table, column) in there):
                cursor.execute(f'GRANT UPDATE ({columns}) ON "{table}" TO {name}')


def rights_fault() -> str:
    """Which table of the log the role that this process serves as could alter; empty: none.

    Who owns the tables can give itself every right, so none is looked for: one role for everything is told of in
    docs/operations.md.
    """
    with connection.cursor() as cursor:
        for model, free in _GROWING.items():
            cursor.execute(_MAY_ALTER, [list(free), model._meta.db_table])
            if cursor.fetchone() == (True,):
                return f"the database's role may change or remove rows of the table {model._meta.db_table}"
    return ""


def append_only_triggers() -> dict[str, tuple[str, str]]:
    """By name, the table of a trigger of SQLite and the statement that makes it."""
    wanted = {}
    for model, free in _GROWING.items():
        table = model._meta.db_table
        kept = [field.column for field in model._meta.concrete_fields if field.column not in free]
        columns = " OF " + ", ".join(f'"{column}"' for column in kept) if free else ""
        for way in (f"UPDATE{columns}", "DELETE"):
            name = f"{APPEND_ONLY}{table}_{way.split()[0].lower()}"
            wanted[name] = table, f'CREATE TRIGGER "{name}" BEFORE {way} ON "{table}" {_REFUSE}'
    return wanted
