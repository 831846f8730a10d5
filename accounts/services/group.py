"""Groups: people of one organisation who are sent to together. Its admins make and change them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django_scopes import scope

from accounts.errors import NotFound
from accounts.models import Address, Group, GroupMember, User
from accounts.peer import Peer
from accounts.roles import ADMINS, role_check
from accounts.selectors import colleagues_find, group_find, group_shapes
from accounts.services.address import address_add, address_check, address_drop, address_rename, name_check
from accounts.services.event_record import event_record


def group_list(*, peer: Peer) -> list[dict[str, Any]]:
    """Every group of the organisation with its members, by name. RoleForbidden."""
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant):
        return group_shapes(Group.objects.all())


def group_show(*, peer: Peer, group_id: UUID) -> dict[str, Any]:
    """One group with its members. RoleForbidden, NotFound."""
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant):
        found = group_shapes(Group.objects.filter(id=group_id))
    if not found:
        raise NotFound
    return found[0]


def group_create(
    *, peer: Peer, address: str, name: str, partners_may_send: bool = False, members: Sequence[str] = ()
) -> dict[str, Any]:
    """A group under an address of its own, with the people of these logins.

    RoleForbidden, LoginInvalid, LoginTaken, NameInvalid, ColleagueUnknown.
    """
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant), transaction.atomic():
        group = Group(tenant=peer.tenant, partners_may_send=partners_may_send)
        group.name = name_check(name)
        group.save(force_insert=True)
        address = address_check(address)
        address_add(tenant=peer.tenant, address=address, name=group.name, kind=Address.Kind.GROUP, target=group.id)
        _record(peer, group, "created", partners_may_send=partners_may_send)
        _members_add(peer, group, members)
    return group_show(peer=peer, group_id=group.id)


def group_change(
    *, peer: Peer, group_id: UUID, name: str | None = None, partners_may_send: bool | None = None
) -> dict[str, Any]:
    """Another name, or whether partners may send to it; None leaves as it is. RoleForbidden, NotFound, NameInvalid."""
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant), transaction.atomic():
        group = group_find(group_id)
        if name is not None and (name := name_check(name)) != group.name:
            group.name = name
            address_rename(kind=Address.Kind.GROUP, target=group.id, name=name)
            _record(peer, group, "renamed")
        if partners_may_send is not None and partners_may_send != group.partners_may_send:
            group.partners_may_send = partners_may_send
            _record(peer, group, "changed", partners_may_send=partners_may_send)
        group.save(update_fields=["name_sealed", "partners_may_send"])
    return group_show(peer=peer, group_id=group_id)


def group_members_add(*, peer: Peer, group_id: UUID, logins: Sequence[str]) -> dict[str, Any]:
    """Put people into a group, again without harm. RoleForbidden, NotFound, ColleagueUnknown."""
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant), transaction.atomic():
        _members_add(peer, group_find(group_id), logins)
    return group_show(peer=peer, group_id=group_id)


def group_member_remove(*, peer: Peer, group_id: UUID, user_id: UUID) -> None:
    """Take somebody out of a group; what they have received stays theirs. RoleForbidden, NotFound."""
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant), transaction.atomic():
        group = group_find(group_id)
        removed, _ = GroupMember.objects.filter(group=group, user_id=user_id).delete()
        if not removed:
            raise NotFound
        _record(peer, group, "member_removed", user=str(user_id))


def group_delete(*, peer: Peer, group_id: UUID) -> None:
    """Delete a group; its address may be given anew, and nothing that was sent changes. RoleForbidden, NotFound."""
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant), transaction.atomic():
        group = group_find(group_id)
        address_drop(kind=Address.Kind.GROUP, target=group.id)
        _record(peer, group, "deleted")
        group.delete()


def _members_add(peer: Peer, group: Group, logins: Sequence[str]) -> None:
    people: list[User] = colleagues_find(logins)
    known = set(GroupMember.objects.filter(group=group).values_list("user_id", flat=True))
    fresh = [user for user in people if user.id not in known]
    GroupMember.objects.bulk_create([GroupMember(tenant=peer.tenant, group=group, user=user) for user in fresh])
    for user in fresh:
        _record(peer, group, "member_added", user=str(user.id))


def _record(peer: Peer, group: Group, what: str, **details: object) -> None:
    event_record(
        tenant_id=peer.tenant.id, actor=peer.user, action=f"group.{what}", subject=group.id, details=dict(details)
    )
