"""Who reads a shared mailbox: its own admins say so, and those of the organisation.

Reading is asked of the membership with every request, so that a removed one reads nothing from the next on. What was
delivered lies under the server's keys: a new member reads the history under an own key, and nothing is rewritten.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django_scopes import scope

from accounts.errors import RoleForbidden
from accounts.peer import Peer
from accounts.roles import ADMINS
from accounts.selectors import colleagues_find
from accounts.services import event_record
from exchange.errors import MailboxAdminLast, NotFound
from exchange.models import Mailbox, MailboxMember
from exchange.services.mailbox import mailbox_locked
from exchange.services.mailbox_read import mailbox_show, members_now


def mailbox_member_add(
    *, peer: Peer, mailbox_id: UUID, login: str, role: str = MailboxMember.Role.MEMBER
) -> dict[str, Any]:
    """Let somebody of the organisation read a mailbox; who does already gets this role.

    RoleForbidden, NotFound, ColleagueUnknown, MailboxAdminLast.
    """
    with scope(tenant=peer.tenant), transaction.atomic():
        mailbox = _managed(peer, mailbox_id)
        (user,) = colleagues_find([login])
        row = MailboxMember.objects.filter(mailbox=mailbox, user=user).first()
        if row is None:
            MailboxMember.objects.create(tenant=peer.tenant, mailbox=mailbox, user=user, role=role)
            _record(peer, mailbox, "member_added", user.id, role=role)
        else:
            _role_set(peer, mailbox, row, role)
    return mailbox_show(peer=peer, mailbox_id=mailbox_id)


def mailbox_member_change(*, peer: Peer, mailbox_id: UUID, user_id: UUID, role: str) -> dict[str, Any]:
    """Make a member an admin of the mailbox, or a plain member again. RoleForbidden, NotFound, MailboxAdminLast."""
    with scope(tenant=peer.tenant), transaction.atomic():
        mailbox = _managed(peer, mailbox_id)
        _role_set(peer, mailbox, _member(mailbox, user_id), role)
    return mailbox_show(peer=peer, mailbox_id=mailbox_id)


def mailbox_member_remove(*, peer: Peer, mailbox_id: UUID, user_id: UUID) -> None:
    """From the next request on they read nothing in it, also of what they have begun to download.

    RoleForbidden, NotFound, MailboxAdminLast.
    """
    with scope(tenant=peer.tenant), transaction.atomic():
        mailbox = _managed(peer, mailbox_id)
        row = _member(mailbox, user_id)
        if members_now(mailbox).exclude(id=row.id).exists():
            _last_admin_check(peer, mailbox, row)
        row.delete()
        _record(peer, mailbox, "member_removed", user_id)


def _managed(peer: Peer, mailbox_id: UUID) -> Mailbox:
    """A mailbox whose members this user may change, locked. NotFound, RoleForbidden."""
    mailbox = mailbox_locked(peer, mailbox_id)
    admins = MailboxMember.objects.filter(mailbox=mailbox, user=peer.user, role=MailboxMember.Role.ADMIN)
    if peer.user.role not in ADMINS and not admins.exists():
        raise RoleForbidden
    return mailbox


def _member(mailbox: Mailbox, user_id: UUID) -> MailboxMember:
    row = MailboxMember.objects.filter(mailbox=mailbox, user_id=user_id).first()
    if row is None:
        raise NotFound
    return row


def _role_set(peer: Peer, mailbox: Mailbox, row: MailboxMember, role: str) -> None:
    if row.role == role:
        return
    _last_admin_check(peer, mailbox, row)
    row.role = role
    row.save(update_fields=["role"])
    _record(peer, mailbox, "member_changed", row.user_id, role=role)


def _last_admin_check(peer: Peer, mailbox: Mailbox, row: MailboxMember) -> None:
    """MailboxAdminLast where nobody would manage it any more; an admin of the organisation may bring that about."""
    if row.role != MailboxMember.Role.ADMIN or peer.user.role in ADMINS:
        return
    if not members_now(mailbox).exclude(id=row.id).filter(role=MailboxMember.Role.ADMIN).exists():
        raise MailboxAdminLast


def _record(peer: Peer, mailbox: Mailbox, what: str, user_id: UUID, **details: str) -> None:
    event_record(
        tenant_id=peer.tenant.id,
        actor=peer.user,
        action=f"mailbox.{what}",
        subject=mailbox.id,
        details={"user": str(user_id)} | details,
    )
