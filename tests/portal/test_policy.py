"""The policy at the edge: whom it answers, what it takes, and what the page shows."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scopes_disabled

from accounts.models import Tenant, User
from accounts.services import user_issue
from tests.portal.caller import Caller, caller
from tests.portal.conftest import World, delivered, message, upload, upload_begin

pytestmark = pytest.mark.django_db
ZIP = {"types_refused": ["application/zip"]}


@pytest.fixture
def admin(people: World) -> Caller:
    """Aster's admin."""
    return people.admin


def somebody(people: World, name: str, role: str) -> Caller:
    with scopes_disabled():
        tenant = Tenant.objects.get(id=people.tenants[name])
    issued = user_issue(tenant=tenant, login=f"{role}@{name}.example", role=role, kind="machine")
    return caller(issued.login, issued.passphrase)


def put(person: Caller, version: int, **members):
    return person.ask("PUT", "/api/v1/policy", {"version": version, "members": members})


def test_an_admin_reads_and_changes_the_policy(admin):
    shown = admin.ask("GET", "/api/v1/policy").members
    assert (shown["version"], shown["members"], shown["history"]) == (0, {}, [])
    assert shown["schema"]["properties"]["expires_days_most"]["maximum"] == 3650
    assert shown["defaults"]["expires_days_most"] == 90
    changed = put(admin, 0, expires_days_most=7).members
    assert (changed["version"], changed["members"]) == (1, {"expires_days_most": 7})
    (entry,) = changed["history"]
    assert (entry["by"], entry["set_by"]) == ("admin", "organisation")
    assert entry["changes"] == [{"member": "expires_days_most", "after": 7}]
    limits = admin.ask("GET", "/api/v1/me").members["limits"]
    assert (limits["expires_days_max"], limits["expires_days_default"]) == (7, 7)


@pytest.mark.parametrize(
    ("body", "refusal", "field"),
    [
        ({"version": 0, "members": {"expires_days_most": 0}}, (422, "rules_invalid"), "expires_days_most"),
        ({"version": 0, "members": {"colour": "red"}}, (422, "rules_invalid"), "colour"),
        ({"version": 0, "members": {"mandatory_steps": [{"step": "no"}]}}, (422, "rules_invalid"), "mandatory_steps"),
        ({"version": 0, "members": []}, (422, "field_invalid"), "members"),
        ({"version": -1, "members": {}}, (422, "field_invalid"), "version"),
        ({"members": {}}, (422, "field_invalid"), "version"),
        ({"version": 0, "members": {}, "by": "me"}, (422, "field_invalid"), "by"),
    ],
)
def test_what_is_refused_names_its_field(admin, body, refusal, field):
    answer = admin.ask("PUT", "/api/v1/policy", body)
    assert (answer.refusal(), answer.members["field"]) == (refusal, field)


def test_a_change_that_another_came_before_is_refused(admin):
    put(admin, 0, expires_days_most=7)
    assert put(admin, 0, expires_days_most=8).refusal() == (409, "rules_changed_meanwhile")
    assert admin.ask("GET", "/api/v1/policy").members["members"] == {"expires_days_most": 7}


@pytest.mark.parametrize("role", [User.Role.MEMBER, User.Role.AUDITOR])
def test_nobody_but_admins_has_it(people, role):
    person = somebody(people, "aster", role)
    assert person.ask("GET", "/api/v1/policy").refusal() == (403, "role_forbidden")
    assert put(person, 0).refusal() == (403, "role_forbidden")
    assert person.ask("GET", "/policy").refusal() == (403, "role_forbidden")


def test_a_change_concerns_one_s_own_organisation_alone(people, admin):
    put(admin, 0, **ZIP)
    for person, refused in ((people.owner, ["application/zip"]), (people.reader, []), (people.outsider, [])):
        assert person.ask("GET", "/api/v1/me").members["policy"]["types_refused"] == refused


def test_an_upload_is_refused_by_name_and_a_message_by_days_with_the_rule_and_its_owner(people, admin):
    put(admin, 0, **ZIP, expires_days_most=7)
    answer = upload_begin(people.owner, b"PK", name="a.zip", type="application/zip")["answer"]
    assert answer.refusal() == (403, "policy_refused")
    assert (answer.members["policy"], answer.members["set_by"]) == ("types_refused", "organisation")
    answer = message(people.owner, [people.reader.login], expires_days=8)
    assert answer.refusal() == (403, "policy_refused")
    assert (answer.members["policy"], answer.members["limit"]) == ("expires_days_most", 7)
    assert message(people.owner, [people.reader.login], expires_days=7).status == 201


@pytest.mark.parametrize("count", [0, -1, 1_000_001, "x"])
def test_downloads_are_a_number_of_at_least_one(people, count):
    answer = message(people.owner, [people.reader.login], downloads_most=count)
    assert (answer.refusal(), answer.members["field"]) == ((422, "field_invalid"), "downloads_most")


def test_a_transfer_says_how_it_may_be_saved(people, admin):
    sent = message(people.owner, [people.owner.login], uploads=[upload(people.owner)]).members
    delivered()
    document = people.owner.ask("GET", f"/api/v1/inbox/{sent['id']}").members["documents"][0]["id"]
    path = f"/api/v1/documents/{document}/transfers"
    assert people.owner.ask("POST", path, {"purpose": "save"}).members["save"] == "plain"
    put(admin, 0, save_plain=False)
    assert people.owner.ask("POST", path, {"purpose": "save"}).members["save"] == "sealed"


def test_the_page_is_a_form_of_every_rule_with_its_default_and_the_history(admin):
    stamp = {"step": "pdf.stamp", "parameters": {"text": "Only for <us>"}}
    put(admin, 0, downloads_most=3, not_scanned="hold")
    put(admin, 1, downloads_most=5, mandatory_steps=[stamp], **ZIP)
    page = admin.ask("GET", "/policy").body.decode()
    schema = admin.ask("GET", "/api/v1/policy").members["schema"]
    assert set(re.findall(r'data-rule="([a-z_]+)"', page)) == set(schema["properties"])
    assert 'data-version="2"' in page
    own = re.findall(r'data-rule="([a-z_]+)"[^>]* data-own', page)
    assert set(own) == {"downloads_most", "mandatory_steps", "types_refused"}
    assert "Platform default: 90" in page
    assert "Only for &lt;us&gt;" in page
    assert 'max="3650"' in page
    assert "holds its message" in page
    history = page.partition('id="history"')[2]
    assert history.count("<dt>") == 6
    assert json.dumps("<us>")[1:-1] not in page


def test_compose_shows_what_applies_before(people, admin):
    stamp = {"step": "pdf.stamp", "parameters": {"text": "Confidential"}}
    put(admin, 0, expires_days_most=20, expires_days_default=5, mandatory_steps=[stamp], downloads_most=4, **ZIP)
    page = people.owner.ask("GET", "/compose").body.decode()
    assert re.findall(r'<option value="(\d+)"', page)[:6] == ["1", "3", "5", "7", "14", "20"]
    assert '<option value="5" selected>' in page
    assert "Stamp every page of the PDFs: “Confidential”" in page
    assert "application/zip" in page
    assert 'max="4"' in page


def test_the_page_costs_the_same_queries_whatever_its_history_holds(admin):
    def cost() -> int:
        admin.ask("GET", "/policy")
        with CaptureQueriesContext(connection) as captured:
            assert admin.ask("GET", "/policy").status == 200
        return len(captured)

    put(admin, 0, expires_days_most=7)
    before = cost()
    for version in range(1, 6):
        put(admin, version, expires_days_most=7 + version)
    assert cost() == before <= 12
