"""Who belongs to an organisation, and in which role."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django_scopes import scope

from accounts.actor import Actor, admin_of
from accounts.errors import LastAdmin, NotFound
from accounts.models import Reissue, SharedKey, Tenant, User
from accounts.peer import Peer
from accounts.services.event_record import event_record
from accounts.services.session import sessions_end

Role, State = User.Role, User.State


def team_people() -> QuerySet[User]:
    """Everybody of the scope's organisation, those who were removed among them; deposits of file requests are nobody.

    An address that was invited and withdrawn was nobody either.
    """
    enrolled = Exists(SharedKey.objects.filter(user=OuterRef("pk")))
    return User.objects.exclude(role=Role.DEPOSITOR).filter(~Q(state=State.REMOVED) | enrolled)


def person_find(*, user_id: UUID) -> User:
    """Somebody of the scope's organisation who has not been removed. NotFound."""
    user = team_people().exclude(state=State.REMOVED).filter(id=user_id).first()
    if user is None:
        raise NotFound
    return user


def admins_lock(*, user_id: UUID) -> tuple[User, set[UUID]]:
    """A person who was not removed, and who the organisation's admins are; all their rows stay locked. NotFound.

    Two changes of who is admin wait for each other here, and the second sees what the first has done. The caller holds
    scope and transaction.
    """
    admins = Q(role=Role.ADMIN, state=State.ACTIVE)
    rows = User.objects.select_for_update(no_key=True).filter(admins | Q(id=user_id)).order_by("id")
    found = {row.id: row for row in rows}
    user = found.get(user_id)
    if user is None or user.state == State.REMOVED or user.role == Role.DEPOSITOR:
        raise NotFound
    return user, {row.id for row in found.values() if row.role == Role.ADMIN and row.state == State.ACTIVE}


def last_admin_check(user: User, admins: set[UUID]) -> None:
    """LastAdmin for the only one of these."""
    if admins == {user.id}:
        raise LastAdmin


def reissues_end(*, of: User | None = None, by: User | None = None) -> None:
    """Decline what is asked for somebody, or what an admin has asked for. The caller holds scope and transaction."""
    rows = Reissue.objects.filter(state=Reissue.State.REQUESTED)
    rows = rows.filter(user=of) if of else rows.filter(requested_by=str(by.id) if by else "")
    rows.update(state=Reissue.State.DECLINED, decided_at=timezone.now())


@transaction.atomic
def role_change(*, peer: Peer, user_id: UUID, role: str) -> None:
    """Another role for somebody, which holds from their next request on. RoleForbidden, NotFound, LastAdmin."""
    actor = admin_of(peer)
    with scope(tenant=peer.tenant):
        user, admins = admins_lock(user_id=user_id)
        actor.still_check(admins)
        if user.role == role:
            return
        last_admin_check(user, admins)
        details = {"from": user.role, "to": role}
        user.role = role
        user.save(update_fields=["role"])
        if role != Role.ADMIN:
            reissues_end(by=user)
        event_record(
            tenant_id=peer.tenant.id, actor=peer.user, action="user.role_changed", subject=user.id, details=details
        )


@transaction.atomic
def user_sign_out(*, tenant_id: UUID, user_id: UUID, by: Actor) -> int:
    """End every session of somebody at once; how many. NotFound."""
    by.tenant_check(tenant_id)
    with scope(tenant=Tenant(id=tenant_id)):
        user = person_find(user_id=user_id)
        ended = sessions_end(user=user)
        details = by.details | {"sessions": ended}
        event_record(tenant_id=tenant_id, actor=by.user, action="user.signed_out", subject=user.id, details=details)
        return ended
