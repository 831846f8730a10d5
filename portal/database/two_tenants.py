"""Terms are of one of the two organisations of their connection, and a connection keeps both: by triggers everywhere.

No foreign key says "one of these two columns". On PostgreSQL a trigger finds a connection
only where its writer's policy shows it, which narrows what is let through and never widens it.
"""

from django.db import connection

from portal.database.same_tenant import columns_there

TERMS, PAIR = "accounts_connectionterms", "accounts_connection"
_SAME = "SELECT 1 FROM {} WHERE id = NEW.connection_id AND NEW.tenant_id IN (first_id, second_id)"
PAIR_MOVED = "NEW.first_id <> OLD.first_id OR NEW.second_id <> OLD.second_id"
_BODY = (
    " BEGIN IF {} THEN RAISE EXCEPTION 'tenant mismatch' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    " RETURN NEW; END "
)
_WAYS = {TERMS: "INSERT OR UPDATE OF tenant_id, connection_id", PAIR: "UPDATE OF first_id, second_id"}


def terms_foreign(pair: str = f'"{PAIR}"') -> str:
    """When terms are of an organisation that is neither of their connection's."""
    return f"NOT EXISTS ({_SAME.format(pair)})"


def _wanted() -> dict[str, tuple[str, str]]:
    """By table, the trigger of PostgreSQL as it prints it, and the body of the function of the same name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        pair = f"{cursor.fetchone()[0]}.{PAIR}"  # a temporary table of this name stands in front of no schema
    conditions = {TERMS: terms_foreign(pair), PAIR: PAIR_MOVED}
    there = {table for table, _ in columns_there()}
    return {
        table: (
            f"CREATE TRIGGER same_tenant_{table} BEFORE {way} ON {table} FOR EACH ROW"
            f" EXECUTE FUNCTION same_tenant_{table}()",
            _BODY.format(conditions[table]),
        )
        for table, way in _WAYS.items()
        if table in there
    }


def pair_triggers_missing() -> dict[str, tuple[str, str]]:
    """What of it PostgreSQL lacks, has otherwise or has switched off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_triggerdef(t.oid, true), p.prosrc FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE c.relnamespace = current_schema()::regnamespace AND t.tgenabled = 'O' AND NOT t.tgisinternal"
        )
        there = set(cursor.fetchall())
    return {table: made for table, made in _wanted().items() if (table, *made) not in there}


def pair_triggers_apply() -> None:
    """Make them what they should be."""
    with connection.cursor() as cursor:
        for table, (trigger, body) in pair_triggers_missing().items():
            cursor.execute(f'DROP TRIGGER IF EXISTS same_tenant_{table} ON "{table}"')
            function = f"same_tenant_{table}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$"
            cursor.execute(f"CREATE OR REPLACE FUNCTION {function}")
            cursor.execute(trigger)
