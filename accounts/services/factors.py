"""What authenticator app and security keys have in common: who has one, the first, the last, what a session passed."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.errors import SecondFactorDue, SecondFactorRequired
from accounts.models import RecoveryCode, SecondFactor, SecurityKey, Session, User
from accounts.peer import Peer
from accounts.rules import policy_of
from accounts.services.event_record import event_record
from accounts.services.recovery_code import recovery_codes_make


def factors_count(user: User) -> int:
    """How many confirmed factors a person has. The caller holds the scope, here and below."""
    apps = SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).count()
    return apps + SecurityKey.objects.filter(user=user).count()


def enrolled_among(users: Iterable[User]) -> set[UUID]:
    """Which of these people have a factor."""
    listed = list(users)
    apps = SecondFactor.objects.filter(user__in=listed).exclude(confirmed_at=None).values_list("user", flat=True)
    return {*apps, *SecurityKey.objects.filter(user__in=listed).values_list("user", flat=True)}


def passed_check(peer: Peer) -> None:
    """Who has a factor shows or changes nothing of it before this session has passed one. SecondFactorDue."""
    due = Session.objects.filter(id=peer.session_id, second_factor_due=True)
    if factors_count(peer.user) and due.exists():
        raise SecondFactorDue


def factors_lock(peer: Peer) -> None:
    """From here on nobody else adds or removes a factor of this person. SecondFactorDue. Within a transaction."""
    User.objects.select_for_update().get(id=peer.user.id)
    passed_check(peer)


def factor_added(*, peer: Peer, action: str, details: dict[str, Any] | None = None) -> list[str]:
    """A factor counts from now on: this session has passed. Recovery codes where it is the first, else none.

    With the first, other sessions of the person are asked for it. The caller holds `factors_lock`.
    """
    first = factors_count(peer.user) == 1
    codes = recovery_codes_make(peer.user) if first else []
    session_passed(peer)
    if first:
        others = Session.objects.filter(user=peer.user, ended_at=None, second_factor_at=None)
        others.exclude(shared_key__suite=0).update(second_factor_due=True)
    event_record(tenant_id=peer.tenant.id, actor=peer.user, action=action, subject=peer.user.id, details=details or {})
    return codes


def last_check(peer: Peer) -> None:
    """The last factor stays where policy requires one. SecondFactorRequired."""
    if factors_count(peer.user) == 1 and policy_of(peer.tenant.id).second_factor_required:
        raise SecondFactorRequired


def factor_removed(*, peer: Peer, action: str, details: dict[str, Any] | None = None) -> None:
    """A factor is gone; with the last one go the recovery codes. The caller holds `factors_lock`."""
    if not factors_count(peer.user):
        second_factor_reset(user=peer.user)
    event_record(tenant_id=peer.tenant.id, actor=peer.user, action=action, subject=peer.user.id, details=details or {})


def second_factor_reset(*, user: User) -> None:
    """Forget a person's factors, as after a re-issued passphrase. The caller holds the scope and a transaction."""
    SecondFactor.objects.filter(user=user).delete()
    SecurityKey.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def session_passed(peer: Peer) -> None:
    """This session has passed the second factor."""
    now = timezone.now()
    Session.objects.filter(id=peer.session_id).update(second_factor_due=False, second_factor_at=now)
    event_record(tenant_id=peer.tenant.id, actor=peer.user, action="second_factor.passed", subject=peer.session_id)
