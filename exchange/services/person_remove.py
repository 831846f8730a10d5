"""Somebody leaves: access ends at once, and what they received is handed to a colleague or kept closed.

What they sent stays with its recipients until it expires; the sender's side of it is kept until its retention ends and
stands in nobody's list. A job of theirs that runs goes on and delivers.
"""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.models import User
from accounts.peer import Peer
from accounts.roles import ADMINS, RECIPIENTS, TEAM, role_check
from accounts.selectors import address_index
from accounts.services import user_lock, user_remove
from exchange.errors import HeirInvalid, NotFound
from exchange.models import FileRequest, Mailbox, MailboxMember
from exchange.services.across_tenants import waiting_refuse
from exchange.services.upload import uploads_discard


@transaction.atomic
def person_remove(*, peer: Peer, user_id: UUID, heir: str = "") -> None:
    """Remove somebody; `heir` is the login of the colleague who gets their mailbox, "" keeps it closed.

    Raises RoleForbidden, NotFound, LastAdmin, HeirInvalid.
    """
    role_check(peer, ADMINS)
    _remove(peer, user_id, heir)


@transaction.atomic
def person_leave(*, peer: Peer, heir: str = "") -> None:
    """Leave by oneself. RoleForbidden for a guest, LastAdmin, HeirInvalid."""
    role_check(peer, TEAM)
    _remove(peer, peer.user.id, heir)


@transaction.atomic
def invitation_withdraw(*, peer: Peer, user_id: UUID) -> None:
    """Take an invitation back that was not used; the address is free again. RoleForbidden, NotFound."""
    role_check(peer, ADMINS)
    _remove(peer, user_id, "", invited_only=True)


def _remove(peer: Peer, user_id: UUID, heir: str, *, invited_only: bool = False) -> None:
    with scope(tenant=peer.tenant):
        user = user_lock(peer=peer, user_id=user_id)
        if invited_only and user.state != User.State.INVITED:
            raise NotFound
        colleague = _heir(user, heir) if heir else None
        name, login = user.name, user.login
        uploads_discard(user=user)
        FileRequest.objects.filter(mailbox__user=user, state=FileRequest.State.OPEN).update(
            state=FileRequest.State.CLOSED, closed_at=timezone.now()
        )
        for mailbox in _personal(user):
            _hand_over(mailbox, user, colleague, name=name, login=login)
        MailboxMember.objects.filter(user=user).delete()
        waiting_refuse(user_id=user.id)
        details = {"heir": str(colleague.id)} if colleague else {}
        user_remove(user=user, peer=peer, details=details)


def _heir(user: User, login: str) -> User:
    """A colleague who reads a mailbox at all. HeirInvalid."""
    rows = User.objects.filter(login_index=address_index(login), state=User.State.ACTIVE, role__in=RECIPIENTS)
    colleague = rows.exclude(id=user.id).first()
    if colleague is None:
        raise HeirInvalid
    return colleague


def _personal(user: User) -> list[Mailbox]:
    """Somebody's own mailbox, and those of colleagues who have left that were handed to them."""
    rows = Mailbox.objects.filter(kind=Mailbox.Kind.PERSONAL, members__user=user)
    return list(rows.select_for_update(of=("self",)).order_by("id"))


def _hand_over(mailbox: Mailbox, user: User, colleague: User | None, *, name: str, login: str) -> None:
    """Let the colleague read it under its owner's name; where nobody does, it is closed."""
    if mailbox.user_id == user.id:
        mailbox.name, mailbox.address = f"{name} (left)", login
    members = MailboxMember.objects.filter(mailbox=mailbox).exclude(user=user)
    if colleague is not None:
        MailboxMember.objects.get_or_create(
            mailbox=mailbox,
            user=colleague,
            defaults={"tenant_id": mailbox.tenant_id, "role": MailboxMember.Role.MEMBER},
        )
    elif not members.exists():
        mailbox.state = Mailbox.State.CLOSED
    mailbox.save(update_fields=["name_sealed", "address_sealed", "state"])
