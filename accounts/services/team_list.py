"""The people of an organisation, as its admins see them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django_scopes import scope

from accounts.errors import NotFound
from accounts.models import Invitation, Reissue, SharedKey, User
from accounts.peer import Peer
from accounts.roles import ADMINS, RECIPIENTS, role_check
from accounts.services.factors import enrolled_among
from accounts.services.sign_in_limits import pauses_of
from accounts.services.team import Role, State, team_people
from sealpost.crypto.kdf import SECRET

_REMOVED_SHOWN = 100


def team_list(*, peer: Peer) -> dict[str, Any]:
    """Everybody and every open invitation; the same few queries however many they are. RoleForbidden."""
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant):
        here = list(team_people().exclude(state=State.REMOVED))
        gone = list(team_people().filter(state=State.REMOVED).order_by("-removed_at")[:_REMOVED_SHOWN])
        people = _people([*here, *gone], peer=peer)
        gone_last = {State.REMOVED: 1}
        people.sort(key=lambda shape: (gone_last.get(shape["state"], 0), shape["name"].casefold(), shape["login"]))
        return {
            "people": people,
            "invitations": _invitations({shape["id"]: shape for shape in people}),
            "reissues": [_reissue_shape(row, peer=peer) for row in _reissues()],
            "admins": sum(user.role == Role.ADMIN and user.state == State.ACTIVE for user in here),
        }


def person_show(*, peer: Peer, user_id: UUID) -> dict[str, Any]:
    """One person, what is asked for them, and who could take their mailbox over. RoleForbidden, NotFound."""
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant):
        user = team_people().filter(id=user_id).first()
        if user is None:
            raise NotFound
        reissue = _reissues().filter(user=user).first()
        invitation = Invitation.objects.filter(user=user, used_at=None, withdrawn_at=None).first()
        heirs = User.objects.filter(state=State.ACTIVE, role__in=RECIPIENTS).exclude(id=user.id)
        colleagues = [{"login": heir.login, "name": heir.name} for heir in heirs]
        return _people([user], peer=peer)[0] | {
            "invitation_expires_at": _moment(invitation.expires_at) if invitation else None,
            "reissue": _reissue_shape(reissue, peer=peer) if reissue else None,
            "colleagues": sorted(colleagues, key=lambda one: one["name"].casefold()),
        }


def _people(users: Sequence[User], *, peer: Peer) -> list[dict[str, Any]]:
    """People as docs/protocol.md shows them, in the order given: two queries and one look into the cache."""
    keys = {row.user_id: row for row in SharedKey.objects.filter(user__in=users, retired_at=None)}
    factors = enrolled_among(users)
    paused = pauses_of(bytes(user.login_index) for user in users if user.login_index)
    shapes = []
    for user in users:
        key, until = keys.get(user.id), paused.get(bytes(user.login_index or b""))
        told = {
            "second_factor": user.id in factors,
            "paused_until": _moment(datetime.fromtimestamp(until, UTC)) if until else None,
            "partner_system": key is not None and key.suite == SECRET.suite,
            "passphrase_issued": key is not None and key.issued,
            "you": user.id == peer.user.id,
        }
        shapes.append(_person(user) | told)
    return shapes


def _person(user: User) -> dict[str, Any]:
    return {
        "id": str(user.id),
        "login": user.login,
        "name": user.name,
        "role": user.role,
        "state": user.state,
        "created_at": _moment(user.created_at),
        "signed_in_at": _moment(user.signed_in_at),
        "removed_at": _moment(user.removed_at),
    }


def _invitations(people: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    rows = Invitation.objects.filter(used_at=None, withdrawn_at=None, user__state=State.INVITED)
    return [
        {
            "person": str(row.user_id),
            "login": people[str(row.user_id)]["login"],
            "name": people[str(row.user_id)]["name"],
            "role": people[str(row.user_id)]["role"],
            "made_by": people.get(str(row.made_by), {}).get("name", ""),
            "created_at": _moment(row.created_at),
            "expires_at": _moment(row.expires_at),
            "expired": row.expires_at <= timezone.now(),
        }
        for row in rows.order_by("created_at")
        if str(row.user_id) in people
    ]


def _reissues() -> QuerySet[Reissue]:
    open_rows = Reissue.objects.filter(state=Reissue.State.REQUESTED, expires_at__gt=timezone.now())
    return open_rows.select_related("user").order_by("created_at")


def _reissue_shape(row: Reissue, *, peer: Peer) -> dict[str, Any]:
    mine = row.requested_by == str(peer.user.id)
    return {
        "person": str(row.user_id),
        "name": row.user.name,
        "by_operators": row.by_operators,
        "mine": mine,
        "may_approve": not mine and not row.by_operators and row.user_id != peer.user.id,
        "created_at": _moment(row.created_at),
        "expires_at": _moment(row.expires_at),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
