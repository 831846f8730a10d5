"""The life of an organisation: created, active, suspended and back, closing. The exchange closes it for good."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.errors import TenantClosing, TenantStateInvalid, TenantUnknown
from accounts.models import (
    Address,
    ConnectionProposal,
    ConnectionTerms,
    Group,
    GroupMember,
    Invitation,
    Notification,
    NotificationPreference,
    RecoveryCode,
    Reissue,
    SecondFactor,
    SecurityKey,
    Session,
    SharedKey,
    Tenant,
    TenantRules,
    User,
)
from accounts.peer import Peer
from accounts.services.event_record import event_record
from accounts.services.notification import notify

State = Tenant.State
# Each before what it points to.
_ROWS = (
    Notification, NotificationPreference, RecoveryCode, SecondFactor, SecurityKey, Reissue, Invitation, Session,
    SharedKey, GroupMember, Group, Address, ConnectionProposal, ConnectionTerms, TenantRules, User,
)  # fmt: skip
EXPORT_DAYS_LEAST, EXPORT_DAYS_MOST = 1, 365


def tenant_open_check(peer: Peer) -> None:
    """TenantClosing where nothing new may be sent or made any more."""
    if peer.tenant.state not in Tenant.OPEN:
        raise TenantClosing


def tenant_activate(tenant: Tenant) -> None:
    """The first key of somebody's own makes a created organisation an active one. The caller holds a transaction."""
    if Tenant.objects.filter(id=tenant.id, state=State.CREATED).update(state=State.ACTIVE):
        with scope(tenant=tenant):
            event_record(tenant_id=tenant.id, actor=None, action="tenant.activated", subject=tenant.id)


@transaction.atomic
def tenant_suspend(*, tenant_id: UUID, operator: str, reason: str = "") -> Tenant:
    """Nobody signs in and nothing is delivered until it is resumed; nothing is lost. TenantStateInvalid.

    `reason` is a code, which the audit log keeps.
    Open sessions end with their next request, and for good.
    """
    tenant = _moved(tenant_id, {State.CREATED, State.ACTIVE}, State.SUSPENDED, operator=operator, reason=reason)
    with scope(tenant=tenant):
        Session.objects.filter(ended_at=None).update(ended_at=timezone.now())
    return tenant


@transaction.atomic
def tenant_resume(*, tenant_id: UUID, operator: str, reason: str = "") -> Tenant:
    """End a suspension, or a closing whose window has not passed. TenantStateInvalid."""
    return _moved(tenant_id, {State.SUSPENDED, State.CLOSING}, State.ACTIVE, operator=operator, reason=reason)


@transaction.atomic
def tenant_close(*, tenant_id: UUID, days: int, operator: str, reason: str = "") -> Tenant:
    """Begin the end: for `days` its people sign in and fetch, then everything is destroyed. TenantStateInvalid.

    Everybody there is told by mail.
    """
    if not EXPORT_DAYS_LEAST <= days <= EXPORT_DAYS_MOST:
        raise TenantStateInvalid(f"The export window has {EXPORT_DAYS_LEAST} to {EXPORT_DAYS_MOST} days.")
    closes_at = timezone.now() + timedelta(days=days)
    begun = {State.CREATED, State.ACTIVE, State.SUSPENDED}
    tenant = _moved(tenant_id, begun, State.CLOSING, operator=operator, reason=reason, days=days)
    tenant.closes_at = closes_at
    context = {"until": closes_at.date().isoformat()}
    with scope(tenant=tenant):
        Tenant.objects.filter(id=tenant.id).update(closes_at=closes_at)
        for user in User.objects.filter(state=User.State.ACTIVE).exclude(role=User.Role.DEPOSITOR):
            key = f"closing:{user.id}:{context['until']}"
            notify(event="tenant_closing", user=user, tenant=tenant, key=key, context=context)
    return tenant


def tenant_closed(*, tenant: Tenant) -> None:
    """Note that it is closed. The caller has destroyed its rows, and holds a transaction; its keys are next."""
    with scope(tenant=tenant):
        Tenant.objects.filter(id=tenant.id).update(state=State.CLOSED, closes_at=None)
        event_record(tenant_id=tenant.id, actor=None, action="tenant.closed", subject=tenant.id)


def tenant_rows_destroy(*, tenant: Tenant) -> None:
    """Delete everything of a tenant but itself and its audit trail. The caller holds the scope and a transaction."""
    for model in _ROWS:
        model.objects.all().delete()


def _moved(tenant_id: UUID, begun: Iterable[str], to: str, *, operator: str, reason: str, **details: int) -> Tenant:
    with scopes_disabled():
        tenant = Tenant.objects.select_for_update().filter(id=tenant_id).first()
        if tenant is None:
            raise TenantUnknown
        if tenant.state not in begun:
            raise TenantStateInvalid
        said = {"from": tenant.state, "to": to, "operator": operator} | details
        said |= {"reason": reason} if reason else {}
        tenant.state, tenant.closes_at = to, None
        tenant.save(update_fields=["state", "closes_at"])
    with scope(tenant=tenant):
        event_record(tenant_id=tenant.id, actor=None, action="tenant.moved", subject=tenant.id, details=said)
    return tenant
