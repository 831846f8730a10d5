"""The audit log grows and does nothing else, not even by a statement past Django (docs/adr/0009)."""

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from tests.isolation.broken import refused_after, run_as, start_check_as
from tests.services.postgres import SERVE

pytestmark = pytest.mark.django_db
CHANGES = [
    "UPDATE accounts_auditevent SET action = 'test.undone'",
    "UPDATE accounts_auditevent SET tenant_id = tenant_id",
    "DELETE FROM accounts_auditevent",
    "UPDATE accounts_auditcheckpoint SET root = head",
    "DELETE FROM accounts_auditcheckpoint",
    "UPDATE accounts_audithead SET id = id",
    "UPDATE accounts_audithead SET seq = 0, tenant_id = tenant_id",
    "DELETE FROM accounts_audithead",
]
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL withholds the rights instead")


@on_postgresql
@pytest.mark.parametrize("change", [*CHANGES, "TRUNCATE accounts_auditevent"])
def test_the_role_that_serves_alters_nothing_of_the_log(app, change):
    with app.transaction():
        app.execute("SELECT set_config('app.platform', 'on', true)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for table accounts_audit"):
            app.execute(change)


@on_sqlite
@pytest.mark.parametrize("change", CHANGES)
def test_no_statement_alters_anything_of_the_log(planted, change):
    with pytest.raises(IntegrityError, match="append only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


WORK = """
from uuid import UUID, uuid4
from django.db import transaction
from django.utils import timezone
from django_scopes import scope
from accounts.models import AuditCheckpoint, AuditHead, Tenant
from accounts.services.event_record import event_record
from accounts.services.events_record import events_record
tenant = Tenant(id=UUID("{tenant}"))
events_record(tenant_ids=[tenant.id], action="test.done", details={{}})
with scope(tenant=tenant), transaction.atomic():
    event_record(tenant_id=tenant.id, actor=None, action="test.done")
    head = AuditHead.objects.select_for_update().get()
    signed = {{"root": head.hash, "head": head.hash, "previous": head.checkpoint, "signature": bytes(64)}}
    AuditCheckpoint.objects.create(tenant=tenant, seq=head.seq, at=timezone.now(), key=uuid4(), **signed)
    head.save(update_fields=["checkpoint"])
"""


@on_postgresql
def test_the_role_that_serves_appends_to_the_log(planted, app):
    code, said = run_as(SERVE, WORK.format(tenant=planted.aster.id))
    assert code == 0, said[-400:]


@on_postgresql
@pytest.mark.parametrize(
    ("right", "table"),
    [
        ("UPDATE", "accounts_auditevent"), ("UPDATE (action)", "accounts_auditevent"),
        ("DELETE", "accounts_auditcheckpoint"), ("TRUNCATE", "accounts_auditevent"),
        ("UPDATE (tenant_id)", "accounts_audithead"), ("DELETE", "accounts_audithead"),
    ],
)  # fmt: skip
def test_with_a_right_too_many_nothing_starts(owner, right, table):
    owner.execute(f"GRANT {right} ON {table} TO {SERVE}")
    try:
        assert start_check_as(SERVE) == (
            3,
            f"Sealpost cannot start: the database's role may change or remove rows of the table {table}, so the audit "
            "log could be altered. Run `manage.py migrate`.",
        )
    finally:
        owner.execute(f"REVOKE {right} ON {table} FROM {SERVE}")


@on_sqlite
def test_without_a_trigger_nothing_starts():
    assert refused_after("DROP TRIGGER append_only_accounts_auditevent_delete") == (
        "the database lacks the trigger append_only_accounts_auditevent_delete, which keeps the audit log as it is. "
        "Run `manage.py migrate`."
    )
