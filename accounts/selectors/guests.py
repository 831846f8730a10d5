"""Outsiders: who is one, and who of them has shown enough for a tenant's deliveries to open.

A guest's address is *proven* once they have used a link that was mailed to it. Whom one organisation gave a passphrase
is known to that organisation alone: what others send waits until the address is proven, for whoever passes a passphrase
on could keep it and sign in under somebody else's address.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django_scopes import scopes_disabled

from accounts.models import Address, Connection, Invitation, Tenant, User
from accounts.selectors.addresses import address_index

PASSED_ON = b""  # the secret of an invitation that stands for a passphrase: no link leads to it


def address_is_guest(address: str) -> bool:
    """Whether an address is that of a guest, whoever invited them."""
    with scopes_disabled():
        rows = Address.objects.filter(index=address_index(address), tenant__kind=Tenant.Kind.GUEST)
        return bool(rows.exists())


def addresses_taken(indexes: Iterable[bytes]) -> dict[bytes, Address]:
    """What stands behind these indexes in any tenant, reachable or not. Never to be told to anybody."""
    with scopes_disabled():
        rows = Address.objects.select_related("tenant").filter(index__in=list(indexes))
        return {bytes(row.index): row for row in rows}


def addresses_kept(*, tenant_id: UUID, indexes: Iterable[bytes]) -> set[bytes]:
    """Those that are this tenant's own, reachable or not."""
    with scopes_disabled():
        rows = Address.objects.filter(tenant_id=tenant_id, index__in=list(indexes))
        return {bytes(index) for index in rows.values_list("index", flat=True)}


def _proofs(tenant: UUID | OuterRef) -> QuerySet[Invitation]:
    """Invitations by which a guest has proven the address, or is known to this tenant by a passphrase."""
    own = User.objects.filter(tenant_id=tenant).values("id")
    used = Q(used_at__isnull=False) & ~Q(wrapped_secret=PASSED_ON)
    return Invitation.objects.filter(used | Q(wrapped_secret=PASSED_ON, made_by__in=own))


def guests_open(*, tenant_id: UUID, user_ids: Iterable[UUID]) -> set[UUID]:
    """Those enrolled guests to whom this tenant's deliveries open."""
    with scopes_disabled():
        rows = _proofs(tenant_id).filter(user_id__in=list(user_ids), user__state=User.State.ACTIVE)
        return set(rows.values_list("user_id", flat=True))


def enrolled_for(*, tenant: str, user: str) -> Exists:
    """For a query: the row's user has enrolled, and the deliveries of the row's tenant open to them."""
    guest = Q(tenant__kind=Tenant.Kind.GUEST)
    proven = Exists(_proofs(OuterRef(OuterRef(OuterRef(tenant)))).filter(user_id=OuterRef("id")))
    rows = User.objects.filter(~guest | proven, id=OuterRef(user), state=User.State.ACTIVE)
    return Exists(rows.filter(tenant__state__in=Tenant.OPEN))


def reachable_for(*, tenant: str, index: str) -> Exists:
    """For a query: the row's address is a person's or mailbox of an organisation that its tenant is connected to."""
    theirs, active = OuterRef("tenant_id"), Connection.State.ACTIVE
    sender = OuterRef(OuterRef(tenant))
    pair = Q(first_id=sender, second_id=theirs) | Q(first_id=theirs, second_id=sender)
    connected = Exists(Connection.objects.filter(pair, state=active))
    kinds = [Address.Kind.PERSON, Address.Kind.MAILBOX]
    rows = Address.objects.filter(
        connected, index=OuterRef(index), kind__in=kinds, open=True, tenant__state__in=Tenant.OPEN
    )
    receive = User.objects.filter(role__in=[User.Role.MEMBER, User.Role.ADMIN]).values("id")
    return Exists(rows.filter(Q(kind=Address.Kind.MAILBOX) | Q(target__in=receive)))
