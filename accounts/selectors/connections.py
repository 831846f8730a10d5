"""Connections and proposals as one of the two organisations sees them, and the terms that hold between them."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.errors import NotFound
from accounts.models import Address, Connection, ConnectionProposal, ConnectionTerms, Tenant
from accounts.rules import Terms

Direction = ConnectionTerms.Direction


def _of(tenant_id: UUID) -> QuerySet[Connection]:
    mine = Q(first_id=tenant_id) | Q(second_id=tenant_id)
    return Connection.objects.select_related("first", "second").filter(mine).exclude(state=Connection.State.ENDED)


def connection_find(*, tenant_id: UUID, connection_id: UUID, lock: bool = False) -> Connection:
    """A living connection of this organisation. NotFound."""
    with scopes_disabled():
        rows = _of(tenant_id).filter(id=connection_id)
        connection = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if connection is None:
        raise NotFound
    return connection


def connections_of(tenant_id: UUID) -> list[Connection]:
    """Every living connection of this organisation, with both sides and the terms of both."""
    with scopes_disabled():
        return list(_of(tenant_id).prefetch_related("terms").order_by("created_at"))


def partners_of(tenant_id: UUID) -> list[tuple[Tenant, str]]:
    """Organisations with a living connection to this one, and its state."""
    with scopes_disabled():
        rows = list(_of(tenant_id))
    return [(row.second if row.first_id == tenant_id else row.first, row.state) for row in rows]


def proposals_incoming(tenant_id: UUID) -> list[ConnectionProposal]:
    """Open proposals to addresses of this organisation, with who proposes."""
    with scopes_disabled():
        return list(_incoming(tenant_id).order_by("created_at"))


def proposal_incoming_find(*, tenant_id: UUID, proposal_id: UUID, lock: bool = False) -> ConnectionProposal | None:
    """One of them."""
    with scopes_disabled():
        rows = _incoming(tenant_id).filter(id=proposal_id)
        return (rows.select_for_update(of=("self",)) if lock else rows).first()


def _incoming(tenant_id: UUID) -> QuerySet[ConnectionProposal]:
    ours = Address.objects.filter(tenant_id=tenant_id).values("index")
    living = ConnectionProposal.objects.filter(state=ConnectionProposal.State.OPEN, expires_at__gt=timezone.now())
    return living.select_related("tenant").filter(index__in=ours).exclude(tenant_id=tenant_id)


def terms_between(*, sender_id: UUID, recipient_ids: Iterable[UUID]) -> dict[UUID, tuple[Terms, Terms]]:
    """By recipient's tenant: the sender's terms for what leaves, and the recipient's for what comes in. One query."""
    wanted = set(recipient_ids) - {sender_id}
    if not wanted:
        return {}
    outgoing = Q(tenant_id=sender_id, direction=Direction.OUT)
    incoming = Q(tenant_id__in=wanted, direction=Direction.IN)
    between = Q(connection__first_id=sender_id, connection__second_id__in=wanted)
    between |= Q(connection__second_id=sender_id, connection__first_id__in=wanted)
    with scopes_disabled():
        rows = list(ConnectionTerms.objects.select_related("connection").filter(between, outgoing | incoming))
    found = {tenant_id: {Direction.OUT: Terms(), Direction.IN: Terms()} for tenant_id in wanted}
    for row in rows:
        pair = row.connection
        other = pair.second_id if pair.first_id == sender_id else pair.first_id
        found[other][Direction(row.direction)] = Terms(**row.members)
    return {tenant_id: (terms[Direction.OUT], terms[Direction.IN]) for tenant_id, terms in found.items()}
