"""What holds for an organisation: the platform's newest version, overridden by what its own newest version names."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django_scopes import scopes_disabled

from accounts.models import PlatformRules, RulesKind, TenantRules
from accounts.rules.schema import Policy, Quotas

ORGANISATION, PLATFORM = "organisation", "platform"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A policy that holds, and which of its members the organisation has set itself."""

    policy: Policy
    own: frozenset[str]

    def set_by(self, member: str) -> str:
        """Whose a member is: the organisation's, or else the platform's default."""
        return ORGANISATION if member in self.own else PLATFORM


def _first(kind: RulesKind) -> dict[str, Any]:
    """What the environment sets."""
    if kind == RulesKind.POLICY:
        return {"idle_lock_seconds": settings.SEALPOST_IDLE_LOCK_SECONDS}
    return {
        "upload_max": settings.SEALPOST_UPLOAD_MAX,
        "files_max": settings.SEALPOST_FILES_MAX,
        "recipients_max": settings.SEALPOST_RECIPIENTS_MAX,
    }


def first_members(kind: RulesKind) -> dict[str, Any]:
    """Every member as program and environment have it, where no operator has set anything."""
    model = Policy if kind == RulesKind.POLICY else Quotas
    return model().model_dump(mode="json") | _first(kind)


def platform_members(kind: RulesKind) -> dict[str, Any]:
    """What the environment and the newest version of the platform set."""
    with scopes_disabled():
        row = PlatformRules.objects.filter(kind=kind).order_by("-version").first()
    return _first(kind) | (row.members if row else {})


def tenant_members(tenant_id: UUID, kind: RulesKind) -> dict[str, Any]:
    """What the newest version of the tenant sets, which may be nothing."""
    with scopes_disabled():
        row = TenantRules.objects.filter(tenant_id=tenant_id, kind=kind).order_by("-version").first()
        return row.whole() if row else {}


def rulings_of(tenant_ids: Iterable[UUID]) -> dict[UUID, Ruling]:
    """The policies that hold for tenants; two queries, however many tenants."""
    wanted, platform = set(tenant_ids), platform_members(RulesKind.POLICY)
    with scopes_disabled():
        versions = TenantRules.objects.filter(tenant_id=OuterRef("tenant_id"), kind=RulesKind.POLICY)
        newest = Subquery(versions.order_by("-version").values("id")[:1])
        rows = TenantRules.objects.filter(tenant_id__in=wanted, kind=RulesKind.POLICY, id=newest)
        own = {row.tenant_id: row.whole() for row in rows}
    return {
        tenant_id: Ruling(_policy(platform | own.get(tenant_id, {})), frozenset(own.get(tenant_id, {})))
        for tenant_id in wanted
    }


def ruling_of(tenant_id: UUID) -> Ruling:
    """The policy that holds for a tenant, and whose its members are; two queries."""
    return rulings_of([tenant_id])[tenant_id]


def policy_of(tenant_id: UUID) -> Policy:
    """The policy that holds for a tenant; two queries."""
    return ruling_of(tenant_id).policy


def quotas_of(tenant_id: UUID) -> Quotas:
    """The quotas that hold for a tenant; two queries."""
    return Quotas(**(platform_members(RulesKind.QUOTAS) | tenant_members(tenant_id, RulesKind.QUOTAS)))


def _policy(members: dict[str, Any]) -> Policy:
    """A default that stands above the most, since one of them was set alone, is the most."""
    policy = Policy(**members)
    default = min(policy.expires_days_default, policy.expires_days_most)
    return policy.model_copy(update={"expires_days_default": default})
