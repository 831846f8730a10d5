"""Partner connections: proposed by one organisation's admin, accepted by another's, suspended or ended by either.

Who proposes names an address and is never told whose it is, or whether it is anybody's (docs/adr/0003).
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.errors import ConnectionInvalid, ConnectionNotYours, NotFound
from accounts.models import Address, Connection, ConnectionProposal, Tenant, User
from accounts.peer import Peer
from accounts.roles import ADMINS, role_check
from accounts.rules import policy_of
from accounts.selectors import address_index
from accounts.selectors.connections import connection_find, proposal_incoming_find
from accounts.services.address import address_check
from accounts.services.event_record import chains_lock, event_record
from accounts.services.notification import notify
from accounts.services.tenant_life import tenant_open_check

_LIFE = timedelta(days=14)
State = Connection.State
Proposed = ConnectionProposal.State


@transaction.atomic
def connection_propose(*, peer: Peer, address: str) -> UUID:
    """Propose to the organisation behind an address; the same again is the same proposal.

    RoleForbidden, TenantClosing, LoginInvalid, ConnectionInvalid for an address of one's own organisation.
    """
    role_check(peer, ADMINS)
    tenant_open_check(peer)
    address = address_check(address)
    index = address_index(address)
    with scope(tenant=peer.tenant):
        if Address.objects.filter(index=index).exists():
            raise ConnectionInvalid
        open_ones = ConnectionProposal.objects.select_for_update().filter(index=index, state=Proposed.OPEN)
        row = open_ones.first()
        if row is None:
            row = ConnectionProposal(tenant=peer.tenant, index=index, proposed_by=peer.user.id)
            row.expires_at = timezone.now() + _LIFE
            row.address = address
            row.save(force_insert=True)
            event_record(tenant_id=peer.tenant.id, actor=peer.user, action="connection.proposed", subject=row.id)
        else:
            row.expires_at = timezone.now() + _LIFE
            row.save(update_fields=["expires_at"])
    with scopes_disabled():
        theirs = Tenant.objects.filter(id__in=Address.objects.filter(index=index).values("tenant_id")).first()
    if theirs is not None and theirs.kind == Tenant.Kind.ORGANISATION:
        _admins_tell(theirs, "connection_proposed", key=f"proposal:{row.id}", by=peer.tenant)
    return row.id


@transaction.atomic
def proposal_withdraw(*, peer: Peer, proposal_id: UUID) -> None:
    """Take an open proposal of one's own organisation back. RoleForbidden, NotFound."""
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant):
        mine = ConnectionProposal.objects.filter(id=proposal_id, state=Proposed.OPEN)
        if not mine.update(state=Proposed.WITHDRAWN, decided_at=timezone.now()):
            raise NotFound
        event_record(tenant_id=peer.tenant.id, actor=peer.user, action="connection.withdrawn", subject=proposal_id)


@transaction.atomic
def proposal_decide(*, peer: Peer, proposal_id: UUID, accept: bool) -> UUID | None:
    """Accept or decline what another organisation has proposed; the connection's id. RoleForbidden, NotFound."""
    role_check(peer, ADMINS)
    tenant_open_check(peer)
    row = proposal_incoming_find(tenant_id=peer.tenant.id, proposal_id=proposal_id, lock=True)
    if row is None:
        raise NotFound
    with scope(tenant=row.tenant):
        row.state, row.decided_at = Proposed.ACCEPTED if accept else Proposed.DECLINED, timezone.now()
        row.save(update_fields=["state", "decided_at"])
    if not accept:
        with scope(tenant=peer.tenant):
            event_record(tenant_id=peer.tenant.id, actor=peer.user, action="connection.declined", subject=row.id)
        return None
    connection = connection_open(first=row.tenant, second=peer.tenant, actor=peer.user)
    _admins_tell(row.tenant, "connection_accepted", key=f"accepted:{row.id}", by=peer.tenant)
    return connection.id


def connection_open(*, first: Tenant, second: Tenant, actor: User | None) -> Connection:
    """Two organisations may send to each other; again without harm. ConnectionInvalid for one and the same.

    The caller holds a transaction.
    """
    if first.id == second.id:
        raise ConnectionInvalid
    low, high = sorted((first, second), key=lambda tenant: tenant.id)
    with scopes_disabled():
        connection, made = Connection.objects.get_or_create(first=low, second=high)
        if made or connection.state == State.ENDED:
            opened = {"state": State.ACTIVE, "first_suspended": False, "second_suspended": False, "ended_at": None}
            Connection.objects.filter(id=connection.id).update(**opened)
            connection.refresh_from_db()
            _told_to_both(connection, "connection.created", actor=actor)
    return connection


@transaction.atomic
def connection_suspend(*, peer: Peer, connection_id: UUID) -> None:
    """Stop everything between two organisations at once, until who suspended it resumes it. RoleForbidden, NotFound."""
    _side_set(peer, connection_id, suspended=True)


@transaction.atomic
def connection_resume(*, peer: Peer, connection_id: UUID) -> None:
    """Take one's own suspension back. RoleForbidden, NotFound, ConnectionNotYours where the other suspended it."""
    _side_set(peer, connection_id, suspended=False)


@transaction.atomic
def connection_end(*, peer: Peer, connection_id: UUID) -> None:
    """End a connection at once; what was delivered stays. A new one must be proposed. RoleForbidden, NotFound."""
    role_check(peer, ADMINS)
    connection = connection_find(tenant_id=peer.tenant.id, connection_id=connection_id, lock=True)
    with scopes_disabled():
        Connection.objects.filter(id=connection.id).update(state=State.ENDED, ended_at=timezone.now())
    _told_to_both(connection, "connection.ended", actor=peer.user)
    _other_told(connection, peer.tenant, "ended")


def _side_set(peer: Peer, connection_id: UUID, *, suspended: bool) -> None:
    role_check(peer, ADMINS)
    connection = connection_find(tenant_id=peer.tenant.id, connection_id=connection_id, lock=True)
    side = "first_suspended" if connection.first_id == peer.tenant.id else "second_suspended"
    if not suspended and not getattr(connection, side):
        raise ConnectionNotYours
    setattr(connection, side, suspended)
    still = connection.first_suspended or connection.second_suspended
    connection.state = State.SUSPENDED if still else State.ACTIVE
    with scopes_disabled():
        connection.save(update_fields=["first_suspended", "second_suspended", "state"])
    action = "suspended" if suspended else "resumed"
    _told_to_both(connection, f"connection.{action}", actor=peer.user)
    _other_told(connection, peer.tenant, action)


def _told_to_both(connection: Connection, action: str, *, actor: User | None) -> None:
    """Into both chains; the other organisation's says nothing of who it was."""
    chains_lock({connection.first_id, connection.second_id})
    for tenant in (connection.first, connection.second):
        mine = actor if actor and actor.tenant_id == tenant.id else None
        with scope(tenant=tenant):
            event_record(tenant_id=tenant.id, actor=mine, action=action, subject=connection.id)


def _other_told(connection: Connection, own: Tenant, action: str) -> None:
    other = connection.second if connection.first_id == own.id else connection.first
    key = f"connection:{connection.id}:{action}:{timezone.now():%Y%m%d%H%M}"
    _admins_tell(other, "connection_ended", key=key, by=own)


def _admins_tell(tenant: Tenant, event: str, *, key: str, by: Tenant) -> None:
    """A mail to every admin of an organisation, naming the other one where that one's policy lets it."""
    context = {"organisation": by.name} if policy_of(by.id).organisation_in_mail else {}
    with scope(tenant=tenant):
        for admin in User.objects.filter(role=User.Role.ADMIN, state=User.State.ACTIVE):
            notify(event=event, user=admin, tenant=tenant, key=f"{key}:{admin.id}", context=context)
