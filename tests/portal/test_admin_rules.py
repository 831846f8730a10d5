"""Policies and quotas in Django admin: seen with their history, set, and told to whom they concern."""

import re

import pytest
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent, Tenant
from accounts.rules import policy_of, quotas_of
from tests.portal.conftest import World
from tests.portal.operators import Desk

pytestmark = pytest.mark.django_db
RULE = "Rule of the house"


def fields(page: str) -> dict[str, str]:
    """The members of a page's form as a browser would send them untouched."""
    found = dict(re.findall(r'<input type="(?:hidden|number)" name="([a-z_]+)"(?: value="([^"]*)")?', page))
    for name, options in re.findall(r'<select name="([a-z_]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else re.search(r'<option value="([^"]*)"', options)[1]
    found |= dict.fromkeys(re.findall(r'<input type="checkbox" name="([a-z_]+)"[^>]*checked', page), "on")
    return found


def saved(ops: Desk, path: str, **members: str):
    """Change some members of a form and send it."""
    return ops.post(path, **(fields(ops.get(path)) | members))


def changes(world: World, name: str, action: str) -> list[dict]:
    with scope(tenant=Tenant(id=world.tenants[name])):
        rows = AuditEvent.objects.filter(action=action).order_by("seq")
        return [row.details | {"actor": row.actor} for row in rows]


def by_admin(world: World, version: int, **members) -> None:
    answer = world.admin.ask("PUT", "/api/v1/policy", {"version": version, "members": members})
    assert answer.status == 200, answer.body


def test_a_policy_is_seen_with_its_history_and_without_texts(ops: Desk, people: World):
    steps = [{"step": "pdf.stamp", "parameters": {"text": RULE}}]
    by_admin(people, 0, expires_days_most=30, mandatory_steps=steps)
    by_admin(people, 1, expires_days_most=7, mandatory_steps=steps)
    page = ops.get(f"/admin/rules/policy/{people.tenants['aster']}/")
    assert RULE not in page
    for said in ("Stamp every page", "version 2", "version 1", "An admin", ">own</span>"):
        assert said in page, said
    assert re.search(r"<del>.*30</del>.*<ins>.*7</ins>", page), "before and after"
    assert 'class="badge">own' not in ops.get(f"/admin/rules/policy/{people.tenants['cedar']}/")


def test_an_operator_sets_an_organisation_s_policy(ops: Desk, people: World):
    aster = people.tenants["aster"]
    steps = [{"step": "pdf.stamp", "parameters": {"text": RULE}}]
    by_admin(people, 0, expires_days_most=30, mandatory_steps=steps)
    place = f"/admin/rules/policy/{aster}/"
    form = ops.get(f"{place}change/")
    assert RULE not in form
    assert "mandatory_steps" not in form
    answer = saved(ops, f"{place}change/", own_save_plain="on", save_plain="false")
    assert (answer.status_code, answer["Location"]) == (302, place)
    policy = policy_of(aster)
    assert (policy.save_plain, policy.expires_days_most) == (False, 30)
    assert policy.mandatory_steps[0].parameters["text"] == RULE
    (_, last) = changes(people, "aster", "policy.changed")
    assert last == {
        "version": 2, "operator": ops.number, "before": {}, "after": {"save_plain": False}, "actor": None,
    }  # fmt: skip
    assert f"Operator {ops.number}" in ops.get(place)
    seen = people.admin.ask("GET", "/policy").body.decode()
    assert "The operator" in seen
    assert changes(people, "birch", "policy.changed") == []


def test_two_who_change_at_once(ops: Desk, people: World):
    place = f"/admin/rules/policy/{people.tenants['aster']}/change/"
    opened = fields(ops.get(place))
    by_admin(people, 0, expires_days_most=30)
    answer = ops.post(place, **(opened | {"own_save_plain": "on", "save_plain": "false"}))
    assert answer.status_code == 409
    assert "Somebody else has changed these rules" in answer.content.decode()
    assert policy_of(people.tenants["aster"]).save_plain


def test_a_value_that_is_refused_changes_nothing(ops: Desk, people: World):
    place = f"/admin/rules/policy/{people.tenants['aster']}/change/"
    answer = saved(ops, place, own_expires_days_most="on", expires_days_most="0")
    assert answer.status_code == 200
    assert 'class="errorlist"' in answer.content.decode()
    assert changes(people, "aster", "policy.changed") == []


def test_a_value_that_was_changed_and_not_set_is_not_lost_without_a_word(ops: Desk, people: World):
    by_admin(people, 0, types_refused=["application/zip", "image/png"], expires_days_most=30)
    place = f"/admin/rules/policy/{people.tenants['aster']}/change/"
    for member, value in (("expires_days_default", "5"), ("save_plain", "false"), ("types_allowed", "text/plain")):
        answer = saved(ops, place, **{member: value})
        assert answer.status_code == 200
        assert "This was changed and not set" in answer.content.decode(), member
    kept = {"own_types_refused": "on", "types_refused": "application/zip\r\nimage/png"}
    assert saved(ops, place, **kept, own_expires_days_most="").status_code == 302, "unticked, it is the default again"
    policy = policy_of(people.tenants["aster"])
    assert (policy.types_refused, policy.expires_days_most) == (("application/zip", "image/png"), 90)


def test_a_closed_organisation_s_policy_is_seen_alone(ops: Desk, people: World):
    with scopes_disabled():
        Tenant.objects.filter(id=people.tenants["cedar"]).update(state="closed")
    place = f"/admin/rules/policy/{people.tenants['cedar']}/"
    assert "/change/" not in ops.get(place)
    ops.get(f"{place}change/", status=404)


@pytest.mark.parametrize(
    ("kind", "member", "value"), [("policy", "expires_days_most", "40"), ("quotas", "files_max", "3")]
)
def test_defaults_are_told_to_whom_they_concern(ops: Desk, people: World, kind, member, value):
    if kind == "policy":
        by_admin(people, 0, expires_days_most=30)
    assert saved(ops, f"/admin/rules/{kind}/", **{f"own_{member}": "on", member: value}).status_code == 302
    page = ops.get(f"/admin/rules/{kind}/")
    assert f"Operator {ops.number}" in page
    assert re.search(rf"<del>.*default</del>.*<ins>.*{value}</ins>", page)
    (said,) = changes(people, "birch", f"{kind}.default_changed")
    assert said == {
        "version": 1, "operator": ops.number, "before": {}, "after": {member: int(value)}, "actor": None,
    }  # fmt: skip
    expected = 0 if kind == "policy" else 1  # Aster has set its own
    assert len(changes(people, "aster", f"{kind}.default_changed")) == expected


def test_quotas_of_one_organisation(ops: Desk, people: World):
    aster = people.tenants["aster"]
    place = f"/admin/rules/quotas/{aster}/"
    assert "In bytes" in ops.get(place)
    assert saved(ops, place, own_people="on", people="5", own_upload_max="on", upload_max="1048576").status_code == 302
    assert (quotas_of(aster).people, quotas_of(aster).upload_max) == (5, 1 << 20)
    (said,) = changes(people, "aster", "quotas.changed")
    assert (said["operator"], said["after"]) == (ops.number, {"people": 5, "upload_max": 1 << 20})
    assert "1.0\N{NO-BREAK SPACE}MB (1 048 576 bytes)" in ops.get(place)
