"""Groups with their addresses and members. The caller holds the tenant's scope."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from accounts.errors import NotFound
from accounts.models import Address, Group, GroupMember, User


def group_find(group_id: UUID) -> Group:
    """A group, its row locked until the transaction ends. NotFound."""
    group = Group.objects.select_for_update().filter(id=group_id).first()
    if group is None:
        raise NotFound
    return group


def group_shapes(groups: QuerySet[Group]) -> list[dict[str, Any]]:
    """The group of docs/protocol.md section 11.1, by name; three queries, however many."""
    members = GroupMember.objects.select_related("user").exclude(user__state=User.State.REMOVED)
    rows = list(groups.prefetch_related(Prefetch("members", queryset=members)))
    addresses = Address.objects.filter(kind=Address.Kind.GROUP, target__in=[group.id for group in rows])
    known = {row.target: row.address for row in addresses}
    return sorted((_shape(group, known.get(group.id, "")) for group in rows), key=lambda one: one["name"].casefold())


def _shape(group: Group, address: str) -> dict[str, Any]:
    return {
        "id": str(group.id),
        "address": address,
        "name": group.name,
        "partners_may_send": group.partners_may_send,
        "created_at": group.created_at.isoformat(),
        "members": sorted(map(person_shape, (row.user for row in group.members.all())), key=by_name),
    }


def person_shape(user: User) -> dict[str, Any]:
    """Somebody as the other people of their organisation see them."""
    return {"id": str(user.id), "login": user.login, "name": user.name, "state": user.state}


def by_name(shape: dict[str, Any]) -> tuple[str, str]:
    """Order of people for people."""
    return shape["name"].casefold(), shape["login"]
