"""Forms made from the JSON schemas of pydantic models: one definition for form, API and check."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.template.defaultfilters import filesizeformat

from exchange.steps.kinds import KINDS

_NUMBERS = {"integer": "1", "number": "any"}


def field_of(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """What a form needs to know of one member: its kind, title, hint, bounds and choices."""
    plain, nullable = _plain(schema)
    field = {
        "name": name,
        "title": schema.get("title", name),
        "hint": schema.get("hint", ""),
        "group": schema.get("group", ""),
        "kind": _kind(plain),
        "nullable": nullable,
        "unit": schema.get("unit", ""),
        "default": schema.get("default"),
        "least": plain.get("minimum"),
        "most": plain.get("maximum", plain.get("maxLength")),
        "step": _NUMBERS.get(plain.get("type", ""), ""),
    }
    words = schema.get("words", {})
    return field | {"options": [{"value": value, "words": words.get(value, value)} for value in plain.get("enum", [])]}


def fields_of(schema: Mapping[str, Any], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields of a whole model with their values, or defaults where there are none."""
    fields = [field_of(name, member) for name, member in schema.get("properties", {}).items()]
    return [field | {"value": values.get(field["name"], field["default"])} for field in fields]


def _plain(schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """The schema of a value that is there, and whether it may be absent."""
    some = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    return (some[0], True) if some else (schema, False)


def _kind(plain: Mapping[str, Any]) -> str:
    if "enum" in plain:
        return "choice"
    if plain.get("type") == "array":
        return "steps" if "$ref" in plain.get("items", {}) else "types"
    return {"boolean": "check", "string": "text"}.get(plain.get("type", ""), "number")


def kinds_of(types: Iterable[str]) -> dict[str, Any]:
    """Media types as kinds to pick, and those that no picked kind stands for."""
    listed = list(types)
    kinds = [
        {"key": kind.key, "words": kind.words, "types": list(kind.types), "chosen": set(kind.types) <= set(listed)}
        for kind in KINDS
    ]
    covered = {media_type for kind in kinds if kind["chosen"] for media_type in kind["types"]}
    return {"kinds": kinds, "further": [one for one in listed if one not in covered]}


def types_said(types: Iterable[str], *, none: str) -> str:
    """Media types in words."""
    found = kinds_of(types)
    said = [kind["words"] for kind in found["kinds"] if kind["chosen"]] + found["further"]
    return ", ".join(said) or none


def steps_said(steps: Iterable[Mapping[str, Any]], titles: Mapping[str, str]) -> str:
    """Steps in words, with the texts that they are given."""
    said = []
    for item in steps:
        text = item.get("parameters", {}).get("text")
        said.append(titles.get(item["step"], item["step"]) + (f": “{text}”" if text else ""))
    return "; ".join(said) or "none"


def value_said(field: Mapping[str, Any], value: Any, titles: Mapping[str, str]) -> str:
    """A value in words."""
    if value is None:
        return "no limit"
    match field["kind"]:
        case "check":
            return "yes" if value else "no"
        case "choice":
            return next((str(one["words"]) for one in field["options"] if one["value"] == value), str(value))
        case "types":
            return types_said(value, none="all" if field["name"].endswith("allowed") else "none")
        case "steps":
            return steps_said(value, titles)
    return _number(value, field["unit"]) if isinstance(value, int) else str(value)


def _number(value: int, unit: str) -> str:
    grouped = f"{value:,}".replace(",", " ")
    return f"{filesizeformat(value)} ({grouped} bytes)" if unit == "bytes" else grouped
