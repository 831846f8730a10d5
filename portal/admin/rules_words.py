"""Rules and their changes in words."""

from typing import Any
from uuid import UUID

from accounts.models import RulesKind
from accounts.rules import Policy, Quotas, Rules, platform_members
from accounts.selectors.rules import rules_history_operator
from exchange.steps.base import registered
from portal.pages.schema_form import fields_of, value_said

RULES: dict[RulesKind, type[Rules]] = {RulesKind.POLICY: Policy, RulesKind.QUOTAS: Quotas}


def _titles() -> dict[str, str]:
    return {name: model.title for name, model in registered().items()}


def rules_said(kind: RulesKind, own: dict[str, Any], defaults: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Every member with what holds in words, and whether that is the organisation's own."""
    defaults = platform_members(kind) if defaults is None else defaults
    fields = fields_of(RULES[kind].model_json_schema(), defaults | own)
    return [
        {
            "name": field["name"],
            "title": field["title"],
            "said": value_said(field, field["value"], _titles()),
            "own": field["name"] in own,
        }
        for field in fields
    ]


def history_said(kind: RulesKind, tenant_id: UUID | None) -> list[dict[str, Any]]:
    """Changes in words; a side that is missing was the default."""
    fields = {field["name"]: field for field in fields_of(RULES[kind].model_json_schema(), {})}
    titles = _titles()

    def side(change: dict[str, Any], name: str) -> str:
        field = fields.get(change["member"])
        return value_said(field, change[name], titles) if field and name in change else "default"

    return [
        one
        | {
            "changes": [
                {
                    "title": fields[change["member"]]["title"] if change["member"] in fields else change["member"],
                    "before": side(change, "before"),
                    "after": side(change, "after"),
                }
                for change in one["changes"]
            ]
        }
        for one in rules_history_operator(kind, tenant_id)
    ]
