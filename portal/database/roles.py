"""The two roles of PostgreSQL: one owns the tables and migrates, the other serves and may do nothing but use them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

_USE = "SELECT, INSERT, UPDATE, DELETE"
_TAKEN = ("USER", "PASSWORD", "HOST", "PORT", "NAME", "OPTIONS")


@contextmanager
def migrate_role() -> Iterator[None]:
    """Connect as DATABASE_MIGRATE_URL says, where it is set, and as before afterwards."""
    wanted = settings.SEALPOST_DATABASE_MIGRATE
    if not wanted:
        yield
        return
    serving = connection.settings_dict
    connection.close()
    connection.settings_dict = serving | {name: wanted[name] for name in _TAKEN if name in wanted}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = serving


def serving_role() -> str | None:
    """Who serves, where that is somebody else than who migrates."""
    migrate, serve = settings.SEALPOST_DATABASE_MIGRATE, settings.DATABASES["default"]["USER"]
    return serve if migrate and migrate["USER"] != serve else None


def role_grant(role: str) -> None:
    """Let a role use every table of the schema, also those that come, and change none of them."""
    name = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = connection.ops.quote_name(cursor.fetchone()[0])
        cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
        for kind, rights in (("TABLES", _USE), ("SEQUENCES", "USAGE, SELECT")):
            cursor.execute(f"GRANT {rights} ON ALL {kind} IN SCHEMA {schema} TO {name}")
            cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {rights} ON {kind} TO {name}")


def role_fault() -> str:
    """Why the role that this process serves as must not serve; empty: nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        name, superuser, bypasses = cursor.fetchone()
    if superuser:
        return f"the database's role {name} is a superuser, to whom row level security does not apply"
    return f"the database's role {name} has BYPASSRLS, so that row level security does not apply to it" * bypasses
