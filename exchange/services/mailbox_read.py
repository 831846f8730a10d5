"""Mailboxes as those who read or manage them see them; nothing of what lies in them but how much is unread."""

from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django_scopes import scope

from accounts.models import User
from accounts.peer import Peer
from accounts.roles import ADMINS, SENDERS, role_check
from accounts.selectors import by_name, person_shape
from exchange.errors import NotFound
from exchange.models import Delivery, Mailbox, MailboxMember, Recipient
from exchange.services.shapes import moment


def place_shape(mailbox: Mailbox, peer: Peer) -> dict[str, Any]:
    """Which mailbox something lies in. One of a person goes by the person's name; `left`: they are not there any more.

    Two names are read for it, no query, where `mailbox` comes with its `user`.
    """
    owner = mailbox.user
    return {
        "id": str(mailbox.id),
        "kind": mailbox.kind,
        "own": mailbox.user_id == peer.user.id,
        "address": owner.login if owner else mailbox.address,
        "name": owner.name if owner else mailbox.name,
        "state": mailbox.state,
        "left": bool(owner and owner.state == User.State.REMOVED),
    }


def mailboxes_mine(*, peer: Peer) -> list[dict[str, Any]]:
    """The mailboxes that the user reads, the own one first, each with how much is unread; one query.

    The own one has no id until something was delivered to it.
    """
    with scope(tenant=peer.tenant):
        rows = MailboxMember.objects.filter(user=peer.user).select_related("mailbox__user").annotate(unread=_unread())
        found = [place_shape(row.mailbox, peer) | {"role": row.role, "unread": row.unread} for row in rows]
    own = [one for one in found if one["own"]] or [_own_to_come(peer)]
    return own + sorted((one for one in found if not one["own"]), key=lambda one: one["name"].casefold())


def _unread() -> Coalesce:
    rows = Delivery.objects.filter(mailbox=OuterRef("mailbox"), state=Recipient.State.DELIVERED, archived_at=None)
    return Coalesce(Subquery(rows.order_by().values("mailbox").annotate(count=Count("id")).values("count")), 0)


def _own_to_come(peer: Peer) -> dict[str, Any]:
    names = {"address": peer.user.login, "name": peer.user.name}
    state = {"state": Mailbox.State.OPEN, "left": False, "role": MailboxMember.Role.ADMIN, "unread": 0}
    return {"id": None, "kind": Mailbox.Kind.PERSONAL, "own": True} | names | state


def mailboxes_shared(*, peer: Peer) -> list[dict[str, Any]]:
    """Shared mailboxes with their members, by name: an admin of the organisation sees all, others theirs."""
    with scope(tenant=peer.tenant):
        return [_detail(row, peer) for row in _with_members(shared_of(peer))]


def mailboxes_all(*, peer: Peer) -> list[dict[str, Any]]:
    """Every shared mailbox of the organisation with its members, by name. RoleForbidden."""
    role_check(peer, ADMINS)
    return mailboxes_shared(peer=peer)


def mailbox_show(*, peer: Peer, mailbox_id: UUID) -> dict[str, Any]:
    """One shared mailbox with its members, to a member or an admin of the organisation. NotFound."""
    with scope(tenant=peer.tenant):
        found = _with_members(shared_of(peer).filter(id=mailbox_id))
        if not found:
            raise NotFound
        return _detail(found[0], peer)


def shared_of(peer: Peer) -> QuerySet[Mailbox]:
    """Shared mailboxes that the user may know of. The caller holds the scope."""
    rows = Mailbox.objects.filter(kind=Mailbox.Kind.SHARED)
    return rows if peer.user.role in ADMINS else rows.filter(members__user=peer.user)


def members_now(mailbox: Mailbox) -> QuerySet[MailboxMember]:
    """Members who are still there and whose role lets them read."""
    rows = MailboxMember.objects.filter(mailbox=mailbox, user__role__in=SENDERS)
    return rows.exclude(user__state=User.State.REMOVED)


def _with_members(mailboxes: QuerySet[Mailbox]) -> list[Mailbox]:
    members = MailboxMember.objects.select_related("user").filter(user__role__in=SENDERS)
    members = members.exclude(user__state=User.State.REMOVED)
    rows = mailboxes.prefetch_related(Prefetch("members", queryset=members))
    return sorted(rows, key=lambda row: row.name.casefold())


def _detail(mailbox: Mailbox, peer: Peer) -> dict[str, Any]:
    members = list(mailbox.members.all())
    role = next((str(row.role) for row in members if row.user_id == peer.user.id), "")
    return place_shape(mailbox, peer) | {
        "role": role,
        "managed": bool(peer.user.role in ADMINS or role == MailboxMember.Role.ADMIN),
        "created_at": moment(mailbox.created_at),
        "members": sorted((person_shape(row.user) | {"role": row.role} for row in members), key=by_name),
    }
