"""A policy as the exchange has it: its steps checked, and told to whom it applies before they do anything."""

from typing import Any

from accounts import services as accounts
from accounts.errors import RulesInvalid
from accounts.models import RulesKind
from accounts.models.rules import STEPS
from accounts.peer import Peer
from accounts.roles import ADMINS, SENDERS, role_check
from accounts.rules import Policy, Ruling, platform_members, policy_of, tenant_members
from accounts.selectors import rules_history, rules_version
from exchange.steps.base import StepChainInvalid, StepParametersInvalid, StepUnknown, registered
from exchange.steps.chain import STEPS_MOST, chain_check
from exchange.steps.kinds import endings_of
from exchange.steps.registry import step_parse

PLAIN, SEALED = "plain", "sealed"


def policy_show(*, peer: Peer) -> dict[str, Any]:
    """What the organisation has set itself, what the platform's defaults are, what holds, and the history."""
    role_check(peer, ADMINS)
    tenant_id = peer.tenant.id
    platform, own = platform_members(RulesKind.POLICY), tenant_members(tenant_id, RulesKind.POLICY)
    return {
        "version": rules_version(tenant_id, RulesKind.POLICY),
        "members": own,
        "defaults": Policy(**platform).model_dump(mode="json"),
        "holds": policy_of(tenant_id).model_dump(mode="json"),
        "schema": Policy.model_json_schema(),
        "history": rules_history(tenant_id, RulesKind.POLICY),
    }


def policy_change(*, peer: Peer, members: dict[str, Any], expected_version: int) -> dict[str, Any]:
    """Set what the organisation sets itself, with its steps as the registry takes them. Returns `policy_show`.

    RoleForbidden, RulesInvalid with `field`, RulesChangedMeanwhile.
    """
    role_check(peer, ADMINS)
    if STEPS in members:
        members = members | {STEPS: steps_check(members[STEPS])}
    accounts.policy_change(peer=peer, members=members, expected_version=expected_version)
    return policy_show(peer=peer)


def platform_rules_change(
    *, kind: RulesKind, members: dict[str, Any], operator: str, expected_version: int | None = None
) -> int:
    """Set the platform's defaults, with their steps as the registry takes them; see the one of accounts."""
    if STEPS in members:
        members = members | {STEPS: steps_check(members[STEPS])}
    return accounts.platform_rules_change(
        kind=kind, members=members, operator=operator, expected_version=expected_version
    )


def steps_check(steps: Any) -> Any:
    """Mandatory steps with their parameters complete; RulesInvalid. What is no list of steps the rules refuse."""
    if not isinstance(steps, list) or not all(
        isinstance(item, dict) and isinstance(item.get("step"), str) for item in steps
    ):
        return steps
    try:
        parsed = [step_parse(item["step"], item.get("parameters", {})) for item in steps]
        if len(parsed) <= STEPS_MOST:  # of more the rules say so
            chain_check(parsed)
    except (StepUnknown, StepParametersInvalid, StepChainInvalid) as error:
        said = error.sentence.partition(" Nothing was s")[0]
        raise RulesInvalid(f"{said} Nothing was changed.", field=STEPS) from error
    return [item | {"parameters": step.model_dump(mode="json")} for item, step in zip(steps, parsed, strict=True)]


def saving(policy: Policy) -> str:
    """In which form documents may be saved."""
    return PLAIN if policy.save_plain else SEALED


def policy_told(*, peer: Peer, ruling: Ruling) -> dict[str, Any]:
    """The `policy` of docs/protocol.md section 11: what somebody needs to know before they act."""
    policy, sends = ruling.policy, peer.user.role in SENDERS
    invites = {"members": SENDERS, "admins": ADMINS, "nobody": frozenset[str]()}[policy.guests_invited_by]
    return {
        "types_allowed": list(policy.types_allowed),
        "types_refused": list(policy.types_refused),
        "endings_allowed": endings_of(policy.types_allowed),
        "endings_refused": endings_of(policy.types_refused),
        "mandatory_steps": _steps_told(policy) if sends else [],
        "downloads_most": policy.downloads_most,
        "save": saving(policy),
        "guests": peer.user.role in invites,
        "set_by": {name: ruling.set_by(name) for name in Policy.model_fields},
    }


def _steps_told(policy: Policy) -> list[dict[str, Any]]:
    titles = {name: model.title for name, model in registered().items()}
    return [
        {"step": item.step, "title": titles.get(item.step, item.step), "parameters": item.parameters}
        for item in policy.mandatory_steps
    ]
