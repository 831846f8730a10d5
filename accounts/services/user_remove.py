"""Somebody leaves an organisation. What they sent and received is the exchange's to settle, in the same transaction."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.actor import admin_of
from accounts.models import Address, GroupMember, User
from accounts.peer import Peer
from accounts.rules import policy_of
from accounts.services.address import address_drop
from accounts.services.enrolment import invitations_withdraw
from accounts.services.event_record import event_record
from accounts.services.factors import second_factor_reset
from accounts.services.notification import notify
from accounts.services.session import sessions_end
from accounts.services.shared_key import shared_keys_retire
from accounts.services.team import admins_lock, last_admin_check, reissues_end


def user_lock(*, peer: Peer, user_id: UUID) -> User:
    """Somebody whom the peer may remove: they themselves, or for an admin anybody of the organisation.

    The row stays locked. NotFound, LastAdmin, RoleForbidden for who is no admin any more. The caller holds scope and
    transaction.
    """
    user, admins = admins_lock(user_id=user_id)
    if peer.user.id != user.id:
        admin_of(peer).still_check(admins)
    last_admin_check(user, admins)
    return user


def user_remove(*, user: User, peer: Peer, details: dict[str, Any]) -> None:
    """End somebody's sessions, destroy their keys, and set their address free; their rows and name remain.

    The caller holds the row locked, the scope and the transaction. `details` goes to the audit log.
    """
    invited = user.state == User.State.INVITED
    sessions_end(user=user)
    shared_keys_retire(user=user)
    invitations_withdraw(user=user)
    second_factor_reset(user=user)
    GroupMember.objects.filter(user=user).delete()
    address_drop(kind=Address.Kind.PERSON, target=user.id)
    reissues_end(of=user)
    reissues_end(by=user)
    user.login_index, user.state, user.removed_at = None, User.State.REMOVED, timezone.now()
    user.save(update_fields=["login_index", "state", "removed_at"])
    left = peer.user.id == user.id
    if not invited and not left:
        _told(user, peer)
    action = "user.withdrawn" if invited else "user.left" if left else "user.removed"
    event_record(tenant_id=user.tenant_id, actor=peer.user, action=action, subject=user.id, details=details)


def _told(user: User, peer: Peer) -> None:
    named = policy_of(user.tenant_id).organisation_in_mail
    context = {"organisation": peer.tenant.name} if named else {}
    notify(event="removed", tenant=peer.tenant, key=f"removed:{user.id}", user=user, context=context)
