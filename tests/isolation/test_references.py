"""No row refers to one of another tenant, on both databases, not even by a statement past Django."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q
from django_scopes import scope, scopes_disabled

from accounts.models import Connection, ConnectionTerms, Tenant
from accounts.services import connection_create
from accounts.tenancy import TenantModel
from portal.database.same_tenant import tenant_models
from tests.accounts.conftest import organisation
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


@pytest.fixture
def third(planted) -> tuple[Tenant, Connection, ConnectionTerms]:
    """Cedar, what it is connected to Birch by, and Aster's terms of its own connection to Birch."""
    cedar = organisation("Cedar Labs")
    theirs = connection_create(first=cedar, second=planted.birch)
    with scopes_disabled():
        ours = Connection.objects.get(Q(first=planted.aster) | Q(second=planted.aster))
        terms, _ = ConnectionTerms.objects.get_or_create(connection=ours, tenant=planted.aster, direction="out")
        update(ConnectionTerms, "tenant_id", terms.pk, planted.aster.pk)  # as it is: nothing against it
    return cedar, theirs, terms


@pytest.mark.parametrize("scoped", [True, False])
def test_terms_are_of_neither_but_their_connections_two(planted, third, scoped):
    cedar, theirs, terms = third
    within = {"connection_id": terms.connection_id, "tenant": cedar, "direction": "in"}
    with refused(), scope(tenant=cedar) if scoped else scopes_disabled():
        ConnectionTerms.objects.create(**within)
    with refused():
        update(ConnectionTerms, "tenant_id", terms.pk, cedar.pk)
    with refused():
        update(ConnectionTerms, "connection_id", terms.pk, theirs.pk)
    with scope(tenant=cedar) if scoped else scopes_disabled():
        ConnectionTerms.objects.create(**within | {"connection_id": theirs.id})


@pytest.mark.parametrize("side", ["first_id", "second_id"])
def test_a_connection_keeps_its_two(planted, third, side):
    cedar, _, terms = third
    with refused():
        update(Connection, side, terms.connection_id, cedar.pk)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has triggers for connections alone")
@pytest.mark.parametrize("name", ["accounts_connectionterms_insert", "accounts_connection_update"])
def test_without_a_trigger_of_connections_nothing_starts(name):
    assert f"lacks the trigger same_tenant_{name}, " in refused_after(f"DROP TRIGGER same_tenant_{name}")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL needs no triggers for keys")
def test_without_a_trigger_nothing_starts():
    assert refused_after("DROP TRIGGER same_tenant_accounts_session_insert") == (
        "the database lacks the trigger same_tenant_accounts_session_insert, which keeps organisations apart. "
        "Run `manage.py migrate`."
    )
