"""No process serves from a database that would not keep tenants apart."""

import pytest
from django.db import connection

from tests.isolation.broken import refused_after, start_check_as
from tests.services.postgres import BACKUP, SERVE, SUPERUSER

if connection.vendor != "postgresql":
    pytest.skip("SQLite has no roles and no policies", allow_module_level=True)
pytestmark = pytest.mark.django_db
USERS, KEYS = "the table accounts_user", "the table vault_keyring"
AGAIN = "so organisations would not be kept apart. Run `manage.py migrate`."
TERMS, LACKS = (
    "accounts_connectionterms", "lacks its trigger, which keeps organisations apart. Run `manage.py migrate`."
)  # fmt: skip
ANOTHER = f"{USERS} has another policy than Sealpost's, {AGAIN}"


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("ALTER TABLE accounts_user DISABLE ROW LEVEL SECURITY", f"{USERS} has no row level security, {AGAIN}"),
        (
            "ALTER TABLE accounts_user NO FORCE ROW LEVEL SECURITY",
            f"{USERS} does not force row level security on its owner, {AGAIN}",
        ),
        ("DROP POLICY sealpost_isolation ON accounts_user", ANOTHER),
        ("ALTER POLICY sealpost_isolation ON accounts_user USING (true)", ANOTHER),
        ("ALTER POLICY sealpost_isolation ON accounts_user WITH CHECK (true)", ANOTHER),
        ("ALTER POLICY sealpost_isolation ON accounts_user TO sealpost_backup", ANOTHER),
        ("CREATE POLICY also ON accounts_user USING (true)", ANOTHER),
        ("ALTER TABLE vault_keyring DISABLE ROW LEVEL SECURITY", f"{KEYS} has no row level security, {AGAIN}"),
        (
            "ALTER TABLE accounts_session DROP CONSTRAINT accounts_session_user_id_same_tenant",
            "the database lacks the constraint accounts_session_user_id_same_tenant, which keeps organisations apart. "
            "Run `manage.py migrate`.",
        ),
        (
            "DROP TRIGGER same_tenant_accounts_connection ON accounts_connection",
            f"the table accounts_connection {LACKS}",
        ),
        (f"DROP TRIGGER same_tenant_{TERMS} ON {TERMS}", f"the table {TERMS} {LACKS}"),
        (f"ALTER TABLE {TERMS} DISABLE TRIGGER same_tenant_{TERMS}", f"the table {TERMS} {LACKS}"),
        (
            f"CREATE OR REPLACE FUNCTION same_tenant_{TERMS}() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RETURN NEW; END'",
            f"the table {TERMS} {LACKS}",
        ),
    ],
)  # fmt: skip
def test_a_table_without_its_policy_or_constraint(statement, sentence):
    assert refused_after(statement) == sentence


@pytest.mark.parametrize(
    ("role", "fault"),
    [
        (SUPERUSER, "is a superuser, to whom row level security does not apply"),
        (BACKUP, "has BYPASSRLS, so that row level security does not apply to it"),
    ],
)
def test_a_role_that_policies_do_not_hold_for(planted, role, fault):
    assert start_check_as(role) == (
        3,
        f"Sealpost cannot start: the database's role {role} {fault}. Give it neither SUPERUSER nor BYPASSRLS; "
        "docs/operations.md says how the roles are made.",
    )


def test_the_role_that_serves_starts(planted, served):
    assert start_check_as(SERVE) == (0, "")
