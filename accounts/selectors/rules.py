"""Who changed which rule, and when."""

from typing import Any
from uuid import UUID

from django_scopes import scopes_disabled

from accounts.models import PlatformRules, RulesKind, TenantRules, User

HISTORY_MOST = 50


def rules_version(tenant_id: UUID, kind: RulesKind) -> int:
    """The newest version of a tenant's own rules; 0 where it has none."""
    with scopes_disabled():
        rows = TenantRules.objects.filter(tenant_id=tenant_id, kind=kind).order_by("-version")
        return rows.values_list("version", flat=True).first() or 0


def rules_set(kind: RulesKind, *, tenant_id: UUID | None = None) -> tuple[int, dict[str, Any]]:
    """The newest version and what it sets, of a tenant or of the platform; (0, nothing) where there is none."""
    with scopes_disabled():
        rows = TenantRules.objects.filter(tenant_id=tenant_id, kind=kind).order_by("-version")
        row = rows.first() if tenant_id else PlatformRules.objects.filter(kind=kind).order_by("-version").first()
    return (row.version, dict(row.members)) if row else (0, {})


def rules_history(tenant_id: UUID, kind: RulesKind) -> list[dict[str, Any]]:
    """The last changes, newest first: an organisation's own, and those of the platform's defaults.

    Each is `{"at", "by", "set_by", "version", "changes": [{"member", "before", "after"}]}`; what is missing on a
    side was the default. Three queries.
    """
    with scopes_disabled():
        own = list(TenantRules.objects.filter(tenant_id=tenant_id, kind=kind).order_by("-version")[: HISTORY_MOST + 1])
        by = [row.changed_by for row in own if "-" in row.changed_by]  # others are numbers of operators
        names = {str(user.id): user.name for user in User.objects.filter(tenant_id=tenant_id, id__in=by)}
        said = _changes([(row, row.whole()) for row in own], "organisation", names)
        platform = list(PlatformRules.objects.filter(kind=kind).order_by("-version")[: HISTORY_MOST + 1])
    said += _changes([(row, row.members) for row in platform], "platform", {})
    return sorted(said, key=lambda one: one["at"], reverse=True)[:HISTORY_MOST]


def rules_history_operator(kind: RulesKind, tenant_id: UUID | None = None) -> list[dict[str, Any]]:
    """The same for operators, of an organisation or of the platform alone: the texts that an organisation's steps are
    told are not opened, and operators are named by their numbers.
    """
    own: list[TenantRules] = []
    with scopes_disabled():
        if tenant_id:
            rows = TenantRules.objects.filter(tenant_id=tenant_id, kind=kind).order_by("-version")
            own = list(rows.defer("parameters_sealed")[: HISTORY_MOST + 1])
        platform = list(PlatformRules.objects.filter(kind=kind).order_by("-version")[: HISTORY_MOST + 1])
    names = {one.changed_by: f"operator {one.changed_by}" for one in (*own, *platform) if "-" not in one.changed_by}
    said = _changes([(row, row.members) for row in own], "organisation", names)
    said += _changes([(row, row.members) for row in platform], "platform", names)
    return sorted(said, key=lambda one: one["at"], reverse=True)[:HISTORY_MOST]


def rules_bare(tenant_id: UUID, kind: RulesKind) -> dict[str, Any]:
    """What the newest version of the tenant sets, without the texts that its steps are told."""
    with scopes_disabled():
        rows = TenantRules.objects.filter(tenant_id=tenant_id, kind=kind).order_by("-version")
        return rows.values_list("members", flat=True).first() or {}


def platform_bare(kind: RulesKind) -> tuple[int, dict[str, Any]]:
    """The newest version of what operators have set for everybody, and its members; 0 and none where there is none."""
    with scopes_disabled():
        row = PlatformRules.objects.filter(kind=kind).order_by("-version").first()
        return (row.version, dict(row.members)) if row else (0, {})


def _changes(rows: list[tuple[Any, dict[str, Any]]], set_by: str, names: dict[str, str]) -> list[dict[str, Any]]:
    """Each version beside the one before it; the oldest of a cut list has none and is left out."""
    said = []
    for number, (row, after) in enumerate(rows):
        if number + 1 == len(rows) and row.version > 1:
            break
        before = rows[number + 1][1] if number + 1 < len(rows) else {}
        said.append(
            {
                "at": row.changed_at.isoformat(),
                "by": names.get(row.changed_by, ""),
                "set_by": set_by,
                "version": row.version,
                "changes": [_change(name, before, after) for name in rules_differing(before, after)],
            }
        )
    return said


def _change(name: str, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    sides = {side: members[name] for side, members in (("before", before), ("after", after)) if name in members}
    return {"member": name} | sides


def rules_differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Names of the members that two versions do not have alike."""
    absent = object()
    return sorted(name for name in before | after if before.get(name, absent) != after.get(name, absent))
