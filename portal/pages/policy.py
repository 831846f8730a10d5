"""The organisation's policy, for its admins: a form made from the schema, and who changed what."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from accounts.roles import ADMINS
from exchange.services import policy_show
from exchange.steps.registry import step_schemas
from portal.pages.schema_form import fields_of, kinds_of, value_said
from portal.pages.views import Page

_GROUPS = {"time": "Time and downloads", "documents": "Documents", "people": "People and the portal"}


class PolicyPage(Page):
    template = "portal/policy.html"
    roles = ADMINS

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        shown, steps = policy_show(peer=peer), step_schemas()
        fields = _fields(shown, steps)
        groups = [
            {"title": title, "fields": [field for field in fields if field["group"] == key]}
            for key, title in _GROUPS.items()
        ]
        return {"version": shown["version"], "groups": groups, "history": _history(shown, fields, steps)}


def _titles(steps: list[dict[str, Any]]) -> dict[str, str]:
    return {step["step"]: step["title"] for step in steps}


def _fields(shown: dict[str, Any], steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each member with what holds, what the default is, and whether the organisation has set it."""
    own, defaults, titles = shown["members"], shown["defaults"], _titles(steps)
    fields = fields_of(shown["schema"], shown["holds"])
    for field in fields:
        default = defaults[field["name"]]
        said = value_said(field, default, titles)
        field.update(own=field["name"] in own, default=default, default_said=said)
        field["said"] = value_said(field, field["value"], titles)
        field["options"] = [option | {"chosen": option["value"] == field["value"]} for option in field["options"]]
        if field["kind"] == "types":
            field.update(kinds_of(field["value"]))
        if field["kind"] == "steps":
            field["rows"] = [_row(item["step"], item["parameters"], steps) for item in field["value"]]
            known = [step["step"] for step in steps]
            others = {item["step"] for item in [*field["value"], *default]} - set(known)
            field["kinds"] = [_row(name, {}, steps) for name in known]
            field["gone"] = [_row(name, {}, steps) for name in sorted(others)]
    return fields


def _row(name: str, given: dict[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    """A step with these parameters; one that this server does not know any more keeps what it was given."""
    step = next((one for one in steps if one["step"] == name), {"step": name, "title": name, "schema": {}})
    fields = _parameters(step["schema"], given)
    return {"step": name, "title": step["title"], "hint": _hint(step), "given": given, "fields": fields}


def _hint(step: dict[str, Any]) -> str:
    """What a step says of its parameters."""
    return str(step["schema"].get("description", "")) if step["schema"].get("properties") else ""


def _parameters(schema: dict[str, Any], given: dict[str, Any]) -> list[dict[str, Any]]:
    fields = fields_of(schema, given)
    for field in fields:
        field["options"] = [option | {"chosen": option["value"] == field["value"]} for option in field["options"]]
    return fields


def _history(shown: dict[str, Any], fields: list[dict[str, Any]], steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_name, titles = {field["name"]: field for field in fields}, _titles(steps)
    return [
        one | {"changes": [_change(change, by_name, titles) for change in one["changes"]]} for one in shown["history"]
    ]


def _change(change: dict[str, Any], fields: dict[str, dict[str, Any]], titles: dict[str, str]) -> dict[str, str]:
    """A change in words; a side that is missing was the default."""
    field = fields.get(change["member"])
    if field is None:
        return {"title": change["member"], "before": "", "after": ""}
    sides = {side: value_said(field, change[side], titles) if side in change else "default" for side in _SIDES}
    return {"title": field["title"]} | sides


_SIDES = ("before", "after")
