"""Every action that the code records has its words in portal/audit_words.py."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.audit_words import NOUNS, WORDS, actions_grouped, detail_rows, sentence_parts
from tests.running import ROOT

# Actions whose last part is a value: what it may be. Where calls of the recording function give it, it is found there.
VALUES = {
    "message.*": ("held", "cancelled"),
    "reissue.*": ("approved", "declined"),
    "connection.*": ("suspended", "resumed"),
    "*.*": ("message.archived", "message.unarchived", "delivery.archived", "delivery.unarchived"),
    "*.changed": ("policy.changed", "quotas.changed"),
    "*.default_changed": ("policy.default_changed", "quotas.default_changed"),
}
_ACTION = re.compile(r"[a-z_]+\.[a-z_]+")


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for package in ("accounts", "exchange", "portal", "vault"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, ast.parse(path.read_text())


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def spoken(value: ast.expr) -> set[str]:
    """Actions and patterns of them in an expression: literals, both sides of a condition, texts with values in them."""
    if isinstance(value, ast.Constant):
        return {value.value} if isinstance(value.value, str) else set()
    if isinstance(value, ast.IfExp):
        return spoken(value.body) | spoken(value.orelse)
    if isinstance(value, ast.JoinedStr):
        return {"".join(part.value if isinstance(part, ast.Constant) else "*" for part in value.values)}
    return set()


def assigned(function: ast.FunctionDef, name: str) -> set[str]:
    """What a function sets a name of its own to."""
    found: set[str] = set()
    for node in (node for node in ast.walk(function) if isinstance(node, ast.Assign)):
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id == name:
                found |= spoken(node.value)
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=True)
                found |= {text for one, value in pairs if getattr(one, "id", "") == name for text in spoken(value)}
    return found


def given_to(function: str, trees: list[ast.Module]) -> set[str]:
    """What calls of a function give it that an action may be made of."""
    calls = [
        node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and name_of(node) == function
    ]
    values = [value for call in calls for value in (*call.args, *(keyword.value for keyword in call.keywords))]
    return {text for value in values for text in spoken(value)}


def recorded() -> tuple[set[str], list[str]]:
    """(every action that the code records, places where it cannot be told)."""
    found: set[str] = set()
    unknown: list[str] = []
    trees = [tree for _, tree in modules()]
    for path, tree in modules():
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                if name_of(call) != "event_record":
                    continue
                value = next(keyword.value for keyword in call.keywords if keyword.arg == "action")
                texts = spoken(value) or assigned(function, getattr(value, "id", "")) or {"*"}
                actions = {action for text in texts for action in resolved(text, function.name, [tree], trees)}
                found |= actions
                if not actions:
                    unknown.append(f"{path.relative_to(ROOT)}:{call.lineno} {sorted(texts)}")
    return found, unknown


def resolved(text: str, function: str, own: list[ast.Module], trees: list[ast.Module]) -> set[str]:
    if "*" not in text:
        return {text}
    given = given_to(function, own) or given_to(function, trees)
    whole = {one for one in given if _ACTION.fullmatch(one) and _fits(one, text)}
    for pattern in (one for one in given if "*" in one):  # a text with a value, handed on
        whole |= {_filled(pattern, value) for value in VALUES.get(pattern, ())}
    if text.startswith("*"):
        return whole | {value for value in VALUES.get(text, ()) if _fits(value, text)}
    words = {_filled(text, one) for one in given if re.fullmatch("[a-z_]+", one)}
    return (
        whole | (words & set(WORDS) if text in VALUES else words) | {_filled(text, one) for one in VALUES.get(text, ())}
    )


def _filled(pattern: str, value: str) -> str:
    return value if "." in value else pattern.replace("*", value)


def _fits(action: str, pattern: str) -> bool:
    return bool(re.fullmatch(pattern.replace(".", r"\.").replace("*", "[a-z_.]+"), action))


def test_every_recorded_action_has_words():
    found, unknown = recorded()
    assert unknown == [], "say in VALUES what these may record"
    assert {"session.opened", "message.sent", "message.held", "audit.exported"} <= found
    assert sorted(found - set(WORDS)) == [], "add a line for each to portal/audit_words.py"


@pytest.mark.parametrize("action", WORDS)
def test_words_make_a_sentence(action):
    assert _ACTION.fullmatch(action)
    event = {"action": action, "by": "Ana", "actor": "a" * 36, "subject": "5ea190c7-0000-4000-8000-000000000001"}
    said = "".join(part["text"] for part in sentence_parts(event | {"names": {}}))
    assert re.fullmatch(r"[A-Z][^{}]{8,}[a-z0-9)]", said)
    assert WORDS[action].count("{what}") == said.count("5ea190c7")
    assert WORDS[action].count("{who}") == said.count("Ana")


def test_every_noun_of_the_filter_has_a_title():
    assert {group["noun"] for group in actions_grouped()} == set(NOUNS)
    assert sum(len(group["actions"]) for group in actions_grouped()) == len(WORDS)


def test_details_of_every_shape_are_told():
    known = "5ea190c7-0000-4000-8000-000000000002"
    details = {
        "operator": "3", "count": 0, "on": False, "user": known, "of": "5ea190c7-0000-4000-8000-000000000003",
        "role": {"before": "member", "after": "admin"}, "types": ["application/pdf", known], "none": [], "empty": {},
        "changed": {"max": [1, None], "both": {"before": [], "after": ["a"]}}, "deep": {"er": {"x": [{"y": True}]}},
    }  # fmt: skip
    rows = {
        row["label"]: row["text"] for row in detail_rows({"details": details, "actor": None, "names": {known: "Ben"}})
    }
    assert rows == {
        "count": "0", "on": "no", "user": "Ben", "of": "5ea190c7", "role": "member → admin",
        "types": "application/pdf, Ben", "none": "none", "max": "1 → none", "both": "none → a", "x": "y yes",
    }  # fmt: skip
