"""What one side of a connection allows in one direction, and how both sides see a connection."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django_scopes import scope
from pydantic import ValidationError

from accounts.errors import RulesInvalid
from accounts.models import Address, Connection, ConnectionProposal, ConnectionTerms, Group, Tenant, User
from accounts.peer import Peer
from accounts.roles import ADMINS, role_check
from accounts.rules import Terms
from accounts.selectors.connections import connection_find, connections_of, proposals_incoming
from accounts.services.event_record import event_record

Direction = ConnectionTerms.Direction


@transaction.atomic
def terms_change(*, peer: Peer, connection_id: UUID, direction: str, members: dict[str, Any]) -> dict[str, Any]:
    """Set one's own terms for what leaves (`out`) or comes in (`in`); audited with before and after.

    RoleForbidden, NotFound, RulesInvalid with the field.
    """
    role_check(peer, ADMINS)
    connection = connection_find(tenant_id=peer.tenant.id, connection_id=connection_id)
    terms = _parsed(members)
    with scope(tenant=peer.tenant):
        _own_check(terms)
        row, _ = ConnectionTerms.objects.select_for_update().get_or_create(
            connection=connection, tenant=peer.tenant, direction=Direction(direction)
        )
        before, after = row.members, terms.model_dump(mode="json", exclude_defaults=True)
        row.members = after
        row.save(update_fields=["members", "changed_at"])
        changed = {name: [before.get(name), after.get(name)] for name in before.keys() | after.keys()}
        details = {"direction": direction, "changed": {n: pair for n, pair in changed.items() if pair[0] != pair[1]}}
        event_record(
            tenant_id=peer.tenant.id, actor=peer.user, action="connection.terms", subject=connection.id, details=details
        )
    return after


def _parsed(members: dict[str, Any]) -> Terms:
    try:
        return Terms(**members)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "terms"
        raise RulesInvalid(f"The field {field} is not what it must be. Nothing was changed.", field=field) from error


def _own_check(terms: Terms) -> None:
    """Whom terms name must be of one's own organisation. RulesInvalid."""
    for field in ("senders", "recipients"):
        named = set(getattr(terms, field) or ())
        known = set(Address.objects.filter(target__in=named).values_list("target", flat=True))
        if named - known:
            raise RulesInvalid(
                f"The field {field} names somebody who is not of your organisation. Nothing was changed.", field=field
            )


def connections_show(*, peer: Peer) -> dict[str, Any]:
    """Connections, proposals of both directions, and whom terms may name; a fixed number of queries. RoleForbidden."""
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant):
        proposals = list(ConnectionProposal.objects.filter(state=ConnectionProposal.State.OPEN).order_by("created_at"))
        people = list(Address.objects.order_by("kind", "created_at"))
    return {
        "connections": [_shown(row, peer.tenant) for row in connections_of(peer.tenant.id)],
        "proposed": [
            {"id": str(row.id), "address": row.address, "expires_at": row.expires_at.isoformat()} for row in proposals
        ],
        "incoming": [
            {"id": str(row.id), "tenant": row.tenant.name, "expires_at": row.expires_at.isoformat()}
            for row in proposals_incoming(peer.tenant.id)
        ],
        "own": [{"id": str(row.target), "kind": row.kind, "name": row.name, "login": row.address} for row in people],
    }


def _shown(row: Connection, own: Tenant) -> dict[str, Any]:
    mine_is_first = row.first_id == own.id
    other = row.second if mine_is_first else row.first
    by_us, by_them = (row.first_suspended, row.second_suspended)[:: 1 if mine_is_first else -1]
    terms = {(terms.tenant_id == own.id, terms.direction): terms.members for terms in row.terms.all()}
    return {
        "id": str(row.id),
        "tenant": other.name,
        "state": row.state,
        "suspended_by_us": by_us,
        "suspended_by_them": by_them,
        "created_at": row.created_at.isoformat(),
        "ours": {direction: terms.get((True, direction), {}) for direction in Direction.values},
        # of theirs, what concerns documents; whom they let us reach shows in the address book
        "theirs": {direction: _public(terms.get((False, direction), {})) for direction in Direction.values},
    }


def _public(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in {"senders", "recipients"}}


def sender_allowed(*, user: User, terms: Terms) -> bool:
    """Whether terms let this person send: named themselves, or by a group. The caller holds the person's scope."""
    if terms.senders is None or user.id in terms.senders:
        return True
    return Group.objects.filter(id__in=terms.senders, members__user=user).exists()
