"""Changing policies and quotas: a new version each time, with what it was before and is after in the audit log."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django_scopes import scope, scopes_disabled
from pydantic import ValidationError

from accounts.errors import RulesChangedMeanwhile, RulesInvalid, TenantStateInvalid
from accounts.models import PlatformRules, RulesKind, Tenant, TenantRules, User
from accounts.models.rules import STEPS
from accounts.peer import Peer
from accounts.roles import ADMINS, role_check
from accounts.rules import Policy, Quotas, Rules, platform_members, tenant_members
from accounts.selectors.rules import rules_differing
from accounts.services.event_record import chains_lock, event_record
from accounts.services.second_factor import second_factors_demand
from vault.services import keyed_index

_MODELS: dict[RulesKind, type[Rules]] = {RulesKind.POLICY: Policy, RulesKind.QUOTAS: Quotas}
_FACTOR = "second_factor_required"
_NAME_SHOWN = 60


def policy_change(*, peer: Peer, members: dict[str, Any], expected_version: int) -> int:
    """Make `members` all that the organisation sets itself; what is left out is the platform's default again.

    Returns the version that holds, the old one where nothing differs. RoleForbidden, RulesInvalid with `field`,
    RulesChangedMeanwhile unless `expected_version` (0: none yet) is the newest. The exchange checks the steps first.
    """
    role_check(peer, ADMINS)
    members = members_check(RulesKind.POLICY, members)
    by, actor = str(peer.user.id), peer.user
    return _tenant_change(peer.tenant, RulesKind.POLICY, members, expected_version, by=by, actor=actor)


def policy_change_operator(*, tenant: Tenant, members: dict[str, Any], operator: str, expected_version: int) -> int:
    """The same by an operator (their number), who neither sees nor sets its steps: those stay as they are.

    RulesInvalid, RulesChangedMeanwhile; TenantStateInvalid for what is no organisation or has been closed.
    """
    if tenant.kind != Tenant.Kind.ORGANISATION or tenant.state == Tenant.State.CLOSED:
        raise TenantStateInvalid
    if STEPS in members:
        raise _invalid(Policy, STEPS, "operator", "an organisation's steps are its admins' to set")
    own = {name: value for name, value in tenant_members(tenant.id, RulesKind.POLICY).items() if name == STEPS}
    members = members_check(RulesKind.POLICY, members | own)
    return _tenant_change(tenant, RulesKind.POLICY, members, expected_version, by=operator)


def quotas_change(
    *, tenant: Tenant, members: dict[str, Any], operator: str, expected_version: int | None = None
) -> int:
    """What an operator (their number) sets for one organisation; as `policy_change`. Without a version: the newest."""
    members = members_check(RulesKind.QUOTAS, members)
    return _tenant_change(tenant, RulesKind.QUOTAS, members, expected_version, by=operator)


@transaction.atomic
def platform_rules_change(
    *, kind: RulesKind, members: dict[str, Any], operator: str, expected_version: int | None = None
) -> int:
    """The platform's defaults, set by an operator; audited by every organisation for which a member changes with them.

    Raises RulesInvalid, RulesChangedMeanwhile. Returns the version.
    """
    members = members_check(kind, members)
    with scopes_disabled():
        newest = PlatformRules.objects.filter(kind=kind).order_by("-version").first()
    version, before = (newest.version, newest.members) if newest else (0, {})
    _version_check(version, expected_version)
    if before == members:
        return version
    with scopes_disabled():
        _insert(PlatformRules(kind=kind, version=version + 1, members=members, changed_by=operator))
    for tenant, changed in _tenants_concerned(kind, rules_differing(before, members)):
        details = {"version": version + 1, "operator": operator, **_compared(before, members, changed)}
        with scope(tenant=tenant):
            if _FACTOR in changed and members.get(_FACTOR):
                second_factors_demand(tenant_id=tenant.id)
            event_record(tenant_id=tenant.id, actor=None, action=f"{kind}.default_changed", details=details)
    return version + 1


def members_check(kind: RulesKind, members: dict[str, Any]) -> dict[str, Any]:
    """The members in the form that is kept, no others. RulesInvalid with the first `field` that is refused."""
    model = _MODELS[kind]
    merged = platform_members(kind) | members
    try:
        checked = model.model_validate_json(json.dumps(merged), strict=True).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise _invalid(model, str(first["loc"][0]), first["type"], first["msg"]) from error
    default, most = "expires_days_default", "expires_days_most"
    if default in members and checked[default] > checked[most]:
        raise _invalid(model, default, "bounds", f"it may be at most {checked[most]}, the most days")
    return {name: checked[name] for name in members}


def _invalid(model: type[Rules], field: str, kind: str, reason: str) -> RulesInvalid:
    known = model.model_fields.get(field)
    if known is None or kind == "extra_forbidden":
        return RulesInvalid(f"There is no rule named {field[:_NAME_SHOWN]}. Nothing was changed.", field=field)
    reason = reason[:1].lower() + reason[1:]
    return RulesInvalid(f"“{known.title}” was refused: {reason}. Nothing was changed.", field=field)


@transaction.atomic
def _tenant_change(
    tenant: Tenant,
    kind: RulesKind,
    members: dict[str, Any],
    expected_version: int | None,
    *,
    by: str,
    actor: User | None = None,
) -> int:
    with scope(tenant=tenant):
        newest = TenantRules.objects.filter(kind=kind).order_by("-version").first()
        version, before = (newest.version, newest.whole()) if newest else (0, {})
        _version_check(version, expected_version)
        if before == members:
            return version
        row = TenantRules(tenant=tenant, kind=kind, version=version + 1, changed_by=by)
        row.fill(members)
        _insert(row)
        default = platform_members(kind).get(_FACTOR, False)
        if members.get(_FACTOR, default) and not before.get(_FACTOR, default):
            second_factors_demand(tenant_id=tenant.id)
        details = {"version": row.version, **_compared(before, members, rules_differing(before, members))}
        details |= {} if actor else {"operator": by}
        event_record(tenant_id=tenant.id, actor=actor, action=f"{kind}.changed", subject=row.id, details=details)
        return row.version


def _version_check(version: int, expected: int | None) -> None:
    if expected is not None and expected != version:
        raise RulesChangedMeanwhile


def _insert(row: TenantRules | PlatformRules) -> None:
    """Two who change at once want the same version: the second is refused."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise RulesChangedMeanwhile from error


def _compared(before: dict[str, Any], after: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Both sides of what changed; a member that is missing on a side was the default there."""
    names = list(names)
    return {
        side: {name: _audited(name, members[name]) for name in names if name in members}
        for side, members in (("before", before), ("after", after))
    }


def _audited(name: str, value: Any) -> Any:
    """As the audit log may hold it: a step's parameters can be a text, so a keyed digest stands for them."""
    if name != STEPS:
        return value
    digests = [keyed_index(purpose="policy-step", value=json.dumps(item, sort_keys=True)).hex() for item in value]
    return [{"step": item["step"], "digest": digest} for item, digest in zip(value, digests, strict=True)]


def _tenants_concerned(kind: RulesKind, names: list[str]) -> list[tuple[Tenant, list[str]]]:
    """Organisations that have not set all of these members themselves, with those that they have not."""
    tenants = Tenant.objects.filter(kind=Tenant.Kind.ORGANISATION, state__in=Tenant.SIGNED_IN).order_by("id")
    with scopes_disabled():
        rows = TenantRules.objects.filter(kind=kind, tenant__in=tenants).order_by("version")
        own: dict[UUID, set[str]] = {row.tenant_id: set(row.members) for row in rows}
        concerned = [(tenant, [name for name in names if name not in own.get(tenant.id, ())]) for tenant in tenants]
    concerned = [(tenant, changed) for tenant, changed in concerned if changed]
    chains_lock(tenant.id for tenant, _ in concerned)
    return concerned
