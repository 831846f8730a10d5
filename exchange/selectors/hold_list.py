"""Legal holds as their organisation's admins see them, and on what they may be placed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django_scopes import scope

from accounts.models import User
from accounts.peer import Peer
from accounts.roles import ADMINS, role_check
from exchange.models import LegalHold, Mailbox


def holds_list(*, peer: Peer) -> list[dict[str, Any]]:
    """Every hold, standing ones first, then the newest; three queries whatever there is. RoleForbidden."""
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant):
        rows = list(LegalHold.objects.order_by("-placed_at", "id"))
        return hold_shapes(sorted(rows, key=lambda row: row.lifted_at is not None))


def hold_choices(*, peer: Peer) -> dict[str, list[dict[str, str]]]:
    """The organisation's people, removed ones too, and shared mailboxes; two queries. RoleForbidden."""
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant):
        people = User.objects.exclude(role=User.Role.DEPOSITOR)
        named = [{"id": str(user.id), "name": user.name, "address": user.login} for user in people]
        boxes = Mailbox.objects.filter(kind=Mailbox.Kind.SHARED)
        shared = [{"id": str(box.id), "name": box.name, "address": box.address} for box in boxes]
        return {"people": _sorted(named), "mailboxes": _sorted(shared)}


def _sorted(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(rows, key=lambda row: (row["name"].casefold(), row["address"]))


def hold_shapes(rows: Sequence[LegalHold]) -> list[dict[str, Any]]:
    """Holds with the names of whom they are about; a message has none to be shown. The caller holds the scope."""
    ids = {row.target for row in rows} | {row.placed_by for row in rows} | {row.lifted_by for row in rows}
    names = _names(one for one in ids if one)
    return [
        {
            "id": str(row.id),
            "kind": row.kind,
            "target": str(row.target),
            "name": names.get(row.target, ""),
            "reason": row.reason,
            "placed_by": names.get(row.placed_by, ""),
            "placed_at": row.placed_at.isoformat(),
            "lift_reason": row.lift_reason,
            "lifted_by": names.get(row.lifted_by, "") if row.lifted_by else "",
            "lifted_at": _moment(row.lifted_at),
        }
        for row in rows
    ]


def _names(ids: Iterable[UUID]) -> dict[UUID, str]:
    wanted = list(ids)
    names = {user.id: f"{user.name} ({user.login})" for user in User.objects.filter(id__in=wanted)}
    for box in Mailbox.objects.select_related("user").filter(id__in=wanted):
        owner = box.user
        names[box.id] = f"{owner.name} ({owner.login})" if owner else f"{box.name} ({box.address})"
    return names


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
