"""People of an organisation by the sealed API and its pages: owner, teammate, admin, auditor, another's admin."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scopes_disabled

from accounts.models import Tenant
from accounts.services import user_issue
from sealpost.protocol.enrolment import link_parse
from tests.portal.caller import ORIGIN, Caller, caller
from tests.portal.conftest import World, message, upload

pytestmark = pytest.mark.django_db
TEAM = "/api/v1/team"
# What only admins ask for, with a body that would serve.
ADMINS_ONLY = [
    ("GET", TEAM, None),
    ("GET", "/team", None),
    ("POST", f"{TEAM}/invitations", {"login": "eva@aster.example"}),
    ("POST", f"{TEAM}/issued", {"login": "eva@aster.example", "kind": "machine"}),
]


def new(people: World, name: str, role: str = "member") -> Caller:
    with scopes_disabled():
        tenant = Tenant.objects.get(id=people.tenants["aster"])
    issued = user_issue(tenant=tenant, login=f"{name}@aster.example", name=name, role=role, kind="machine")
    return caller(issued.login, issued.passphrase)


def person(people: World, login: str) -> dict:
    listed = people.admin.ask("GET", TEAM).members["people"]
    return next(one for one in listed if one["login"] == login)


def path(people: World, who: Caller, *rest: str) -> str:
    return "/".join([TEAM, person(people, who.login)["id"], *rest])


@pytest.mark.parametrize(("method", "address", "body"), ADMINS_ONLY)
def test_members_and_auditors_have_no_team_page(people, method, address, body):
    for one in (people.owner, new(people, "olga", "auditor")):
        assert one.ask(method, address, body).refusal() == (403, "role_forbidden")
    assert people.admin.ask(method, address, body).status in {200, 201}


@pytest.mark.parametrize(
    ("address", "body", "refusal"),
    [
        ("invitations", {}, (422, "field_invalid")),
        ("invitations", {"login": "eva@aster.example", "role": "guest"}, (422, "field_invalid")),
        ("invitations", {"login": "eva@aster.example", "role": "depositor"}, (422, "field_invalid")),
        ("invitations", {"login": "eva@aster.example", "made_by": "x"}, (422, "field_invalid")),
        ("invitations", {"login": "eva"}, (422, "login_invalid")),
        ("invitations", {"login": "owner@aster.example"}, (409, "login_taken")),
        ("invitations", {"login": "eva@aster.example", "name": "n" * 121}, (422, "name_invalid")),
        ("issued", {"login": "eva@aster.example", "kind": "robot"}, (422, "field_invalid")),
        ("issued", {"login": "reader@birch.example", "kind": "machine"}, (409, "login_taken")),
    ],
)
def test_what_is_not_of_its_form_makes_nobody(people, address, body, refusal):
    before = people.admin.ask("GET", TEAM).members
    assert people.admin.ask("POST", f"{TEAM}/{address}", body).refusal() == refusal
    assert people.admin.ask("GET", TEAM).members == before


def test_an_invitation_answers_a_link_of_this_server(people):
    answer = people.admin.ask("POST", f"{TEAM}/invitations", {"login": "Eva@Aster.example", "name": "Eva"})
    assert (answer.status, set(answer.members)) == (201, {"person", "login", "link", "expires_at"})
    page, _, fragment = answer.members["link"].partition("#")
    assert page == f"{ORIGIN}/enrol"
    link_parse(fragment)
    shown = people.admin.ask("GET", TEAM).members
    assert "eva@aster.example" in [row["login"] for row in shown["invitations"]]
    assert fragment not in people.admin.ask("GET", "/team").body.decode()
    again = people.admin.ask("POST", f"{TEAM}/{answer.members['person']}/invitation", {})
    assert again.status == 201
    assert again.members["link"] != answer.members["link"]
    assert people.admin.ask("DELETE", f"{TEAM}/{answer.members['person']}/invitation").members == {}
    left = people.admin.ask("GET", TEAM).members["invitations"]
    assert "eva@aster.example" not in [row["login"] for row in left]


def test_a_secret_is_issued_once_and_signs_in(people):
    answer = people.admin.ask("POST", f"{TEAM}/issued", {"login": "robot@aster.example", "kind": "machine"})
    assert (answer.status, set(answer.members)) == (201, {"person", "login", "passphrase"})
    robot = caller("robot@aster.example", answer.members["passphrase"])
    assert robot.ask("GET", "/api/v1/me").members["role"] == "member"
    assert answer.members["passphrase"] not in people.admin.ask("GET", "/team").body.decode()


def test_a_role_and_its_loss_hold_at_the_very_next_request(people):
    assert people.teammate.ask("GET", "/team").refusal() == (403, "role_forbidden")
    assert people.admin.ask("POST", path(people, people.teammate, "role"), {"role": "admin"}).members == {}
    assert people.teammate.ask("GET", "/team").status == 200
    assert people.teammate.ask("POST", path(people, people.admin, "role"), {"role": "auditor"}).members == {}
    for method, address, body in ADMINS_ONLY:
        assert people.admin.ask(method, address, body).refusal() == (403, "role_forbidden")
    assert people.admin.ask("GET", "/api/v1/inbox").refusal() == (403, "role_forbidden")


def test_the_last_admin_is_told_so(people):
    own = path(people, people.admin)
    for address, body in ((f"{own}/role", {"role": "member"}), (f"{own}/remove", {}), (f"{TEAM}/leave", {})):
        answer = people.admin.ask("POST", address, body)
        assert answer.refusal() == (409, "last_admin")
        assert "make somebody else an admin first" in answer.members["detail"]
    assert b"one admin" in people.admin.ask("GET", "/team").body
    new(people, "second", "admin")
    assert b"one admin" not in people.admin.ask("GET", "/team").body


def test_removal_ends_a_live_session_at_the_very_next_request(people):
    people.teammate.ask("GET", "/api/v1/me")
    removed = path(people, people.teammate)
    assert people.admin.ask("POST", f"{removed}/remove", {"heir": people.outsider.login}).refusal() == (
        422, "heir_invalid",
    )  # fmt: skip
    assert people.admin.ask("POST", f"{removed}/remove", {"heir": people.owner.login}).members == {}
    for address in ("/api/v1/me", "/inbox", "/api/v1/inbox"):
        assert people.teammate.ask("GET", address).refusal() == (401, "session_unknown")
    shown = people.admin.ask("GET", removed).members
    assert (shown["state"], shown["role"]) == ("removed", "member")
    assert people.admin.ask("POST", f"{removed}/remove", {}).refusal() == (404, "not_found")
    assert people.admin.ask("GET", f"/team/{shown['id']}").status == 200


def test_leaving_is_for_everybody_and_answers_before_the_session_is_gone(people):
    message(people.owner, [people.teammate.login], uploads=[upload(people.owner)])
    assert people.owner.ask("POST", f"{TEAM}/leave", {"heir": people.teammate.login}).members == {}
    assert people.owner.ask("GET", "/api/v1/me").refusal() == (401, "session_unknown")
    olga = new(people, "olga", "auditor")
    assert olga.ask("POST", f"{TEAM}/leave", {}).members == {}


def test_a_forgotten_password_takes_two_admins(people):
    second, lost = new(people, "second", "admin"), path(people, people.teammate, "reissue")
    assert people.admin.ask("POST", f"{lost}/approve", {}).refusal() == (409, "reissue_missing")
    assert people.admin.ask("POST", lost, {}).status == 201
    assert second.ask("POST", lost, {}).refusal() == (409, "reissue_open")
    assert people.admin.ask("POST", f"{lost}/approve", {}).refusal() == (409, "second_admin_needed")
    assert people.chief.ask("POST", f"{lost}/approve", {}).refusal() == (404, "not_found")
    assert b"it may be you" in second.ask("GET", "/team").body
    assert b"it may be you" not in people.admin.ask("GET", "/team").body
    assert second.ask("POST", f"{lost}/decline", {}).members == {}
    assert second.ask("POST", lost, {}).status == 201
    answer = people.admin.ask("POST", f"{lost}/approve", {})
    assert set(answer.members) == {"person", "login", "passphrase"}
    assert people.teammate.ask("GET", "/api/v1/me").refusal() == (401, "session_unknown")
    assert caller(people.teammate.login, answer.members["passphrase"]).ask("GET", "/api/v1/me").status == 200
    alone = people.chief.ask("GET", TEAM).members["people"]
    reader = next(one["id"] for one in alone if one["login"] == people.reader.login)
    assert people.chief.ask("POST", f"{TEAM}/{reader}/reissue", {}).refusal() == (409, "second_admin_needed")


def test_me_says_language_and_state_and_takes_name_and_language(people):
    me = people.owner.ask("GET", "/api/v1/me").members
    assert (me["language"], me["organisation_state"]) == ("en", "created")
    for body, code in (
        ({"language": "xx"}, "field_invalid"), ({"role": "admin"}, "field_invalid"), ({"name": " "}, "name_invalid"),
    ):  # fmt: skip
        assert people.owner.ask("PATCH", "/api/v1/me", body).refusal() == (422, code)
    me = people.owner.ask("PATCH", "/api/v1/me", {"name": "Olive Owner", "language": "de"}).members
    assert (me["name"], me["language"]) == ("Olive Owner", "de")
    found = people.reader.ask("POST", "/api/v1/recipients", {"logins": [people.owner.login]}).members["recipients"]
    assert found[0]["name"] == "Olive Owner"
    assert people.owner.ask("PATCH", "/api/v1/me", {}).members["name"] == "Olive Owner"


def test_a_deposit_has_no_account_to_change(people):
    deposit = new(people, "deposit", "depositor")
    assert deposit.ask("PATCH", "/api/v1/me", {"name": "Somebody"}).refusal() == (403, "role_forbidden")
    assert deposit.ask("GET", "/account").refusal() == (403, "role_forbidden")
    assert deposit.ask("POST", f"{TEAM}/leave", {}).refusal() == (403, "role_forbidden")


def test_the_account_page_shows_who_one_is_and_where_the_rest_is(people):
    page = people.owner.ask("GET", "/account").body.decode()
    for words in (
        people.owner.login, "Aster", 'data-section="second-factor"', 'data-section="notifications"', "/sessions",
        "/password",
    ):  # fmt: skip
        assert words in page


def test_pages_of_many_people_cost_the_queries_of_pages_of_few(people):
    def costs() -> list[int]:
        found = []
        for address in ("/team", TEAM, f"/team/{of}", f"{TEAM}/{of}", "/account"):
            people.admin.ask("GET", address)
            with CaptureQueriesContext(connection) as captured:
                assert people.admin.ask("GET", address).status == 200
            found.append(len(captured))
        return found

    of = person(people, people.teammate.login)["id"]
    people.admin.ask("POST", f"{TEAM}/invitations", {"login": "first@aster.example"})
    before = costs()
    for number in range(4):
        new(people, f"more{number}")
        people.admin.ask("POST", f"{TEAM}/invitations", {"login": f"invited{number}@aster.example"})
    assert costs() == before
    assert max(before) <= 8
