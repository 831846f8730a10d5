"""Whom an address leads to, and whether a tenant's people may send there."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django_scopes import scopes_disabled

from accounts.models import Address, Group, GroupMember, Tenant, User
from accounts.selectors.tenants import connected_tenants
from sealpost.crypto.kdf import login_normalise
from vault.services import keyed_index

_RECEIVE = (User.Role.MEMBER, User.Role.ADMIN, User.Role.GUEST)


@dataclass(frozen=True, slots=True)
class Target:
    """A person, mailbox or group behind an address; `id` is that of the user, mailbox or group."""

    address: str
    name: str
    kind: str
    id: UUID
    tenant: Tenant


def address_index(address: str) -> bytes:
    """The 32 bytes by which an address, which may be a login, is found."""
    return keyed_index(purpose="login", value=login_normalise(address))


def address_tenant(address: str) -> set[UUID]:
    """An operator's look-up of the tenant behind an address, by its id; empty where there is none."""
    with scopes_disabled():
        return set(Address.objects.filter(index=address_index(address)).values_list("tenant_id", flat=True))


def addresses_reachable(*, tenant_id: UUID, addresses: Iterable[str], guests: bool = False) -> dict[str, Target | None]:
    """By normalised address, whom this tenant's people may send to there, or None: never why. Groups of partners only
    where they take it. `guests`: people of no organisation too, whoever invited them.

    Two queries, however many addresses and whoever they are; an unknown address and one that may not be reached are the
    same to the database already.
    """
    indexes = {address: address_index(address) for address in map(login_normalise, addresses)}
    with scopes_disabled():
        whose = Q(tenant_id__in=connected_tenants(tenant_id), tenant__kind=Tenant.Kind.ORGANISATION)
        if guests:
            whose |= Q(tenant__kind=Tenant.Kind.GUEST)
        rows = Address.objects.select_related("tenant").filter(whose, tenant__state__in=Tenant.OPEN)
        rows = rows.filter(_taking(tenant_id), open=True, index__in=list(indexes.values()))
        found = {bytes(row.index): row for row in rows}
    return {address: _target(found.get(index)) for address, index in indexes.items()}


def _taking(tenant_id: UUID) -> Q:
    """Addresses that may be sent to: people who receive at all, mailboxes, and groups that are for this sender."""
    people = User.objects.filter(role__in=_RECEIVE).values("id")
    groups = Group.objects.filter(Q(tenant_id=tenant_id) | Q(partners_may_send=True)).values("id")
    kinds = Address.Kind
    return Q(kind=kinds.PERSON, target__in=people) | Q(kind=kinds.GROUP, target__in=groups) | Q(kind=kinds.MAILBOX)


def _target(row: Address | None) -> Target | None:
    return Target(row.address, row.name, row.kind, row.target, row.tenant) if row else None


def group_people(group_ids: Iterable[UUID]) -> dict[UUID, list[User]]:
    """By id of the group, everybody in it who receives, of any tenant, with their tenants. One query."""
    ids = list(group_ids)
    people: dict[UUID, list[User]] = {group_id: [] for group_id in ids}
    with scopes_disabled():
        rows = GroupMember.objects.select_related("user__tenant").filter(group_id__in=ids, user__role__in=_RECEIVE)
        for row in rows.exclude(user__state=User.State.REMOVED).order_by("id"):
            people[row.group_id].append(row.user)
    return people
