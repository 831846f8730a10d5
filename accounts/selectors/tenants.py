"""Organisations and people by id or name."""

from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

from django.db.models import Q
from django_scopes import scopes_disabled

from accounts.models import Connection, Tenant, User
from accounts.sealed import tenant_owner
from vault.errors import RingMissing
from vault.services import ring_keys_load

_AT_ONCE = 200


def connected_tenants(tenant_id: UUID) -> set[UUID]:
    """Ids of the organisations that this one may send to, itself among them."""
    with scopes_disabled():
        rows = Connection.objects.filter(Q(first_id=tenant_id) | Q(second_id=tenant_id), state=Connection.State.ACTIVE)
        return {tenant_id}.union(*rows.values_list("first_id", "second_id"))


def partners_named(*, tenant_id: UUID, ids: Iterable[UUID]) -> list[tuple[UUID, Tenant]]:
    """Of these ids, those of this organisation's connections or partners, whatever became of the connection, each with
    the partner that it means.
    """
    wanted, found = set(ids), []
    with scopes_disabled():
        rows = Connection.objects.select_related("first", "second")
        for row in rows.filter(Q(first_id=tenant_id) | Q(second_id=tenant_id)):
            partner = row.second if row.first_id == tenant_id else row.first
            found += [(one, partner) for one in (row.id, partner.id) if one in wanted]
    return found


def tenants_all() -> list[Tenant]:
    """Every organisation, the oldest first: for operators."""
    with scopes_disabled():
        return list(Tenant.objects.order_by("created_at"))


def users_by_id(ids: Iterable[UUID]) -> dict[UUID, User]:
    """Users of any tenant by id, their tenants with them: for what was already sent to them."""
    with scopes_disabled():
        return {user.id: user for user in User.objects.select_related("tenant").filter(id__in=set(ids))}


def tenants_find(name_or_id: str) -> list[Tenant]:
    """An operator's look-up by id, or by exact name among all tenants whose keys are there."""
    with scopes_disabled():
        try:
            return list(Tenant.objects.filter(id=UUID(name_or_id)))
        except ValueError:
            return [tenant for tenant in _everyone() if _named(tenant, name_or_id)]


def _everyone() -> Iterator[Tenant]:
    """All of them by age, their keys opened some hundreds at a time."""
    rows = Tenant.objects.order_by("created_at", "id").iterator(chunk_size=_AT_ONCE)
    while some := list(islice(rows, _AT_ONCE)):
        ring_keys_load(owners=[tenant_owner(tenant.id) for tenant in some])
        yield from some


def _named(tenant: Tenant, name: str) -> bool:
    try:
        return tenant.name == name
    except RingMissing:
        return False
