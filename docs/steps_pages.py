"""docs/steps: one page a step, made from its own definition: `python -m docs.steps_pages`."""

import os
import tempfile
from pathlib import Path
from typing import Any

import django

FOLDER = Path(__file__).resolve().parent / "steps"
_CARDINALITY = {
    "each": "One document for each that it takes.",
    "split": "Any number of documents for each that it takes.",
    "join": "One document of all that it takes, in the order in which they were sent.",
}


def pages() -> dict[str, str]:
    """File name → text, the index among them."""
    from exchange.steps import registry  # noqa: F401  (registers every step)
    from exchange.steps.base import registered

    made = {f"{name}.md": page(model) for name, model in registered().items()}
    rows = [f"| [{name}]({name}.md) | {model.title} |" for name, model in sorted(registered().items())]
    index = ["# Steps", "", "What Sealpost can do to documents. Made from the steps' own definitions.", ""]
    return made | {"README.md": "\n".join([*index, "| step | what it does |", "|---|---|", *rows, ""])}


def page(model: Any) -> str:
    """The page of one step."""
    description = "\n".join(line.strip() for line in (model.__doc__ or "").strip().splitlines())
    lines = [f"# {model.name}", "", f"**{model.title}** · version {model.version}", "", description, ""]
    lines += ["Takes: " + ", ".join(f"`{one}`" for one in sorted(model.consumes)) + ". Others pass it by.", ""]
    lines += [_made(model), ""]
    if model.before:
        lines += ["Comes before: " + ", ".join(f"`{name}`" for name in model.before) + ".", ""]
    if model.tools:
        lines += [f"Needs on the server: {', '.join(_tool(name) for name in model.tools)}.", ""]
    lines += ["## Parameters", "", *_parameters(model.model_json_schema()), ""]
    limits = model.limits
    lines += [
        "## Limits", "",
        f"{limits.input_bytes >> 20} MB in, {limits.output_bytes >> 20} MB out, {limits.seconds} seconds, "
        f"{limits.memory_mb} MB of memory.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _made(model: Any) -> str:
    if model.report_only:
        return "Makes: a report; the document stays as it is."
    return f"Makes: {_CARDINALITY[model.cardinality][:1].lower()}{_CARDINALITY[model.cardinality][1:]}"


def _tool(name: str) -> str:
    from exchange.sandbox.tools import TOOLS

    return TOOLS[name].name


def _parameters(schema: dict[str, Any]) -> list[str]:
    properties = schema.get("properties", {})
    if not properties:
        return ["None."]
    needed = schema.get("required", [])
    rows = ["| name | values | default | meaning |", "|---|---|---|---|"]
    for name, one in properties.items():
        default = "needed" if name in needed else _default(one)
        rows.append(f"| `{name}` | {_values(one, schema)} | {default} | {_cell(one.get('description', ''))} |")
    return rows


def _values(one: dict[str, Any], schema: dict[str, Any]) -> str:
    if reference := one.get("$ref"):
        return _values(schema["$defs"][reference.rpartition("/")[2]], schema)
    if one.get("x-installed"):  # other on each machine
        return "those of the server"
    if choices := one.get("enum"):
        return ", ".join(f"`{choice}`" for choice in choices)
    if "const" in one:
        return f"`{one['const']}`"
    if several := one.get("anyOf") or one.get("oneOf"):
        return " or ".join(dict.fromkeys(_values(kind, schema) for kind in several))
    words = {"string": "text", "integer": "whole number", "boolean": "yes or no", "null": "nothing"}
    kind = words.get(one.get("type", ""), one.get("type", "JSON"))
    if kind == "array":
        return f"list of {_values(one.get('items', {}), schema)}, {_bounds(one, 'minItems', 'maxItems')}".rstrip(", ")
    bounds = _bounds(one, "minimum", "maximum") or _bounds(one, "minLength", "maxLength", " characters")
    return f"{kind}, {bounds}" if bounds else kind


def _bounds(one: dict[str, Any], low: str, high: str, unit: str = "") -> str:
    if low in one and high in one:
        return f"{one[low]} to {one[high]}{unit}"
    if high in one:
        return f"at most {one[high]}{unit}"
    return f"at least {one[low]}{unit}" if low in one else ""


def _default(one: dict[str, Any]) -> str:
    default = one.get("default")
    if isinstance(default, bool):
        return "yes" if default else "no"
    return "–" if default in (None, "", [], {}) else f"`{default}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    os.environ |= {"DJANGO_SETTINGS_MODULE": "portal.settings", "SEALPOST_DATA": tempfile.mkdtemp()}
    django.setup()
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text)
