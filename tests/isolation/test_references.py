"""No row refers to one of another tenant, on both databases, not even by a statement past Django."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, models, transaction
from django_scopes import scopes_disabled

from accounts.tenancy import TenantModel
from portal.database.same_tenant import tenant_models
from tests.isolation.broken import refused_after
from tests.isolation.planted import row_new

pytestmark = pytest.mark.django_db
FOREIGN = [
    (model, field)
    for model in tenant_models()
    for field in model._meta.concrete_fields
    if isinstance(field, models.ForeignKey) and issubclass(field.related_model, TenantModel)
]
every_foreign_key = pytest.mark.parametrize(("model", "field"), FOREIGN, ids=[str(field) for _, field in FOREIGN])


@contextmanager
def refused() -> Iterator[None]:
    """The database refuses this for what it does to tenants, and for nothing else."""
    with scopes_disabled(), pytest.raises(IntegrityError, match=r"tenant mismatch|_same_tenant"), transaction.atomic():
        yield
        connection.check_constraints()


def update(model: type[models.Model], column: str, row: UUID, value: UUID) -> None:
    """Past Django; exactly one row."""
    as_kept = [one.hex if connection.vendor == "sqlite" else one for one in (value, row)]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET {column} = %s WHERE id = %s", as_kept)
        assert cursor.rowcount == 1


@every_foreign_key
def test_a_row_is_not_made_to_refer_to_another_tenants(planted, model, field):
    with scopes_disabled():
        mine, theirs = row_new(model, planted.aster), row_new(field.related_model, planted.birch)
        ours = row_new(field.related_model, planted.aster)
        update(model, field.column, mine.pk, ours.pk)
        connection.check_constraints()
    with refused():
        update(model, field.column, mine.pk, theirs.pk)


@every_foreign_key
def test_no_row_is_made_that_does(planted, model, field):
    with scopes_disabled():
        theirs = row_new(field.related_model, planted.birch)
    with refused():
        row_new(model, planted.aster, **{field.name: theirs})


@pytest.mark.parametrize("model", sorted({field.related_model for _, field in FOREIGN}, key=str))
def test_a_row_to_which_others_refer_keeps_its_tenant(planted, model):
    owner, field = next((owner, field) for owner, field in FOREIGN if field.related_model is model)
    with scopes_disabled():
        mine = row_new(model, planted.aster)
        row_new(owner, planted.aster, **{field.name: mine})
    with refused():
        update(model, "tenant_id", mine.pk, planted.birch.pk)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL needs no triggers")
def test_without_a_trigger_nothing_starts():
    assert refused_after("DROP TRIGGER same_tenant_accounts_session_insert") == (
        "the database lacks the trigger same_tenant_accounts_session_insert, which keeps organisations apart. "
        "Run `manage.py migrate`."
    )
