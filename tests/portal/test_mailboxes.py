"""Mailboxes and groups over the sealed API and in the pages, by each role."""

import pytest
from django_scopes import scopes_disabled

from accounts.models import Tenant
from accounts.services import user_issue
from tests.portal.caller import Caller, caller
from tests.portal.conftest import CONTENT_BYTES, World, delivered, message, upload

pytestmark = pytest.mark.django_db
SHARED = "invoices@aster.example"


def person(people: World, role: str, *, tenant: str = "aster") -> Caller:
    """Somebody of this role."""
    with scopes_disabled():
        row = Tenant.objects.get(id=people.tenants[tenant])
        issued = user_issue(tenant=row, login=f"{role}@{tenant}.example", name=role.title(), role=role, kind="machine")
    return caller(issued.login, issued.passphrase)


@pytest.fixture
def mailbox(people) -> str:
    """The id of a shared mailbox of Aster that the teammate manages and the owner reads."""
    made = people.admin.ask("POST", "/api/v1/mailboxes", {"address": SHARED, "name": "Invoices"})
    assert made.status == 201, made.body
    for login, role in ((people.teammate.login, "admin"), (people.owner.login, "member")):
        path = f"/api/v1/mailboxes/{made.members['id']}/members"
        assert people.admin.ask("POST", path, {"login": login, "role": role}).status == 200
    return made.members["id"]


@pytest.fixture
def received(people, mailbox) -> str:
    """A message from Birch that lies in it."""
    sent = message(people.reader, [SHARED], uploads=[upload(people.reader)])
    delivered()
    return sent.members["id"]


def member_of(shown: dict, login: str) -> str:
    return next(one["id"] for one in shown["members"] if one["login"] == login)


@pytest.mark.parametrize(
    ("method", "path", "members"),
    [
        ("POST", "mailboxes", {}), ("POST", "mailboxes", {"address": "a@b.example"}),
        ("POST", "mailboxes", {"address": "a@b.example", "name": "A", "role": "admin"}),
        ("POST", "mailboxes", {"address": ["a@b.example"], "name": "A"}),
        ("PATCH", "mailboxes/{}", {"state": "gone"}), ("PATCH", "mailboxes/{}", {"name": "x" * 1025}),
        ("POST", "mailboxes/{}/members", {}), ("POST", "mailboxes/{}/members", {"login": "a@b.c", "role": "owner"}),
        ("POST", "groups", {"address": "a@b.example"}), ("POST", "groups", {"name": "A"}),
        ("POST", "groups", {"address": "a@b.example", "name": "A", "members": "ana@aster.example"}),
        ("POST", "groups", {"address": "a@b.example", "name": "A", "partners_may_send": "perhaps"}),
    ],
)  # fmt: skip
def test_a_body_that_is_not_of_its_form_is_named(people, mailbox, method, path, members):
    answer = people.admin.ask(method, f"/api/v1/{path.format(mailbox)}", members)
    assert answer.refusal() == (422, "field_invalid")


@pytest.mark.parametrize(
    ("members", "refusal"),
    [
        ({"address": "", "name": "A"}, (422, "login_invalid")), ({"address": "a", "name": "A"}, (422, "login_invalid")),
        ({"address": "a@b.example", "name": " "}, (422, "name_invalid")),
        ({"address": "owner@aster.example", "name": "A"}, (409, "login_taken")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["mailboxes", "groups"])
def test_an_address_or_name_that_cannot_be_says_why(people, kind, members, refusal):
    assert people.admin.ask("POST", f"/api/v1/{kind}", members).refusal() == refusal
    listed = people.admin.ask("GET", f"/api/v1/{kind}?all=true").members[kind]
    assert listed == []


@pytest.mark.parametrize("role", ["member", "auditor", "guest", "depositor"])
def test_no_other_role_makes_or_lists_them(people, mailbox, role):
    somebody = person(people, role)
    body = {"address": "a@b.example", "name": "A"}
    for method, path, members in (
        ("POST", "/api/v1/mailboxes", body), ("GET", "/api/v1/mailboxes?all=true", None),
        ("POST", "/api/v1/groups", body), ("GET", "/api/v1/groups", None), ("GET", "/groups", None),
    ):  # fmt: skip
        assert somebody.ask(method, path, members).refusal() == (403, "role_forbidden"), path


@pytest.mark.parametrize("role", ["auditor", "depositor"])
def test_who_receives_nothing_sees_no_mailbox(people, mailbox, received, role):
    somebody = person(people, role)
    for path in ("/api/v1/mailboxes", "/mailboxes", f"/mailboxes/{mailbox}", f"/api/v1/inbox?mailbox={mailbox}"):
        assert somebody.ask("GET", path).refusal() == (403, "role_forbidden"), path


def test_a_guest_has_an_own_mailbox_alone(people, mailbox):
    guest = person(people, "guest")
    assert [one["own"] for one in guest.ask("GET", "/api/v1/mailboxes").members["mailboxes"]] == [True]
    added = people.admin.ask("POST", f"/api/v1/mailboxes/{mailbox}/members", {"login": guest.login})
    assert added.refusal() == (422, "colleague_unknown")
    assert added.members["logins"] == [guest.login]


def test_an_admin_of_the_mailbox_manages_its_members_and_not_the_mailbox(people, mailbox):
    path, teammate = f"/api/v1/mailboxes/{mailbox}", people.teammate
    assert teammate.ask("PATCH", path, {"name": "Mine"}).refusal() == (403, "role_forbidden")
    shown = teammate.ask("POST", f"{path}/members", {"login": people.admin.login}).members
    admin = member_of(shown, people.admin.login)
    assert teammate.ask("PATCH", f"{path}/members/{admin}", {"role": "admin"}).status == 200
    assert teammate.ask("DELETE", f"{path}/members/{admin}").members == {}
    mine = member_of(shown, teammate.login)
    assert teammate.ask("DELETE", f"{path}/members/{mine}").refusal() == (409, "mailbox_admin_last")
    assert people.owner.ask("DELETE", f"{path}/members/{mine}").refusal() == (403, "role_forbidden")


def test_one_request_after_the_removal_nothing_is_read(people, mailbox, received):
    owner = people.owner
    shown = owner.ask("GET", f"/api/v1/inbox/{received}?mailbox={mailbox}").members
    document = shown["documents"][0]["id"]
    begun = owner.ask("POST", f"/api/v1/documents/{document}/transfers", {"purpose": "save"}).members
    content = f"/api/v1/transfers/{begun['transfer']}/content"

    def ranged(first: str):
        request = owner.request("GET", content)
        return owner.send(request | {"headers": request["headers"] | {"Range": f"bytes={first}"}})

    assert ranged("0-99").status == 206
    mine = member_of(people.admin.ask("GET", f"/api/v1/mailboxes/{mailbox}").members, owner.login)
    assert people.teammate.ask("DELETE", f"/api/v1/mailboxes/{mailbox}/members/{mine}").status == 200
    assert ranged("100-").refusal() == (404, "not_found")
    for method, path, members in (
        ("GET", content, None), ("POST", f"/api/v1/documents/{document}/transfers", {"purpose": "save"}),
        ("POST", f"/api/v1/transfers/{begun['transfer']}/received", {"sha256": shown["documents"][0]["sha256"]}),
        ("GET", f"/api/v1/inbox/{received}", None), ("GET", f"/api/v1/inbox?mailbox={mailbox}", None),
        ("GET", f"/inbox/{received}?mailbox={mailbox}", None), ("GET", f"/inbox?mailbox={mailbox}", None),
        ("GET", f"/api/v1/mailboxes/{mailbox}", None), ("GET", f"/mailboxes/{mailbox}", None),
    ):  # fmt: skip
        assert owner.ask(method, path, members).refusal() == (404, "not_found"), path
    assert owner.ask("GET", "/inbox").status == 200


@pytest.mark.parametrize("asked", ["not-a-uuid", "00000000-0000-4000-8000-000000000001", ""])
def test_a_mailbox_that_is_none_is_not_there_and_an_empty_one_is_the_own(people, asked):
    for path in (f"/api/v1/inbox?mailbox={asked}", f"/inbox?mailbox={asked}"):
        answer = people.owner.ask("GET", path)
        assert answer.status == 200 if not asked else answer.refusal() == (404, "not_found")


def test_the_inbox_switches_between_mailboxes_and_its_links_stay_in_one(people, mailbox, received):
    plain = person(people, "member").ask("GET", "/inbox").body.decode()
    assert 'aria-label="Mailboxes"' not in plain
    own = people.owner.ask("GET", "/inbox").body.decode()
    assert f'href="/inbox?mailbox={mailbox}"' in own
    assert "1<span" in own.split(f"/inbox?mailbox={mailbox}")[1].split("</a>")[0]
    shared = people.owner.ask("GET", f"/inbox?mailbox={mailbox}").body.decode()
    assert "<h1>Invoices</h1>" in shared
    assert f'href="/inbox/{received}?mailbox={mailbox}"' in shared
    assert 'data-title="Shared inbox"' in shared  # a title goes into the browser's history, so it holds no name
    shown = people.owner.ask("GET", f"/inbox/{received}?mailbox={mailbox}").body.decode()
    assert f'href="/inbox?mailbox={mailbox}"' in shown
    assert f"the shared mailbox {SHARED}" in shown


def test_older_messages_of_a_shared_mailbox_are_asked_of_that_mailbox(people, mailbox, monkeypatch):
    monkeypatch.setattr("exchange.services.paging.PAGE", 1)
    for _ in range(2):
        assert message(people.reader, [SHARED]).status == 201
    delivered()
    shown = people.owner.ask("GET", f"/inbox?mailbox={mailbox}").body.decode()
    assert f'href="/inbox?mailbox={mailbox}&amp;before=' in shown


def test_pages_show_to_each_what_is_theirs(people, mailbox, received):
    everything = people.admin.ask("GET", "/mailboxes").body.decode()
    assert "Invoices" in everything
    assert "New shared mailbox" in everything
    assert 'aria-label="Organisation"' in everything
    page = people.admin.ask("GET", f"/mailboxes/{mailbox}").body.decode()
    assert "You are not a member" in page
    theirs = people.owner.ask("GET", "/mailboxes").body.decode()
    assert "Invoices" in theirs
    assert "New shared mailbox" not in theirs
    assert 'aria-label="Organisation"' not in theirs
    page = people.owner.ask("GET", f"/mailboxes/{mailbox}").body.decode()
    assert "Add somebody" not in page
    assert "data-call" not in page
    managed = people.teammate.ask("GET", f"/mailboxes/{mailbox}").body.decode()
    assert "Add somebody" in managed
    assert "Close the mailbox" not in managed
    assert "You read no shared mailbox" in person(people, "member").ask("GET", "/mailboxes").body.decode()


def test_words_of_people_do_not_become_markup(people):
    made = {"address": "x@aster.example", "name": "<b>\"'&{{ 7 }}"}
    mailbox = people.admin.ask("POST", "/api/v1/mailboxes", made).members["id"]
    group = people.admin.ask("POST", "/api/v1/groups", made | {"address": "y@aster.example"}).members["id"]
    for path in ("/mailboxes", f"/mailboxes/{mailbox}", "/groups", f"/groups/{group}"):
        shown = people.admin.ask("GET", path).body.decode()
        assert "<b>" not in shown
        assert "&lt;b&gt;&quot;&#x27;&amp;{{ 7 }}" in shown


def test_a_group_is_made_filled_opened_and_deleted(people):
    members = [people.owner.login, people.teammate.login]
    made = people.admin.ask("POST", "/api/v1/groups", {"address": "Sales@Aster.example", "name": "Sales"})
    assert (made.status, made.members["address"], made.members["partners_may_send"]) == (
        201, "sales@aster.example", False,
    )  # fmt: skip
    path = f"/api/v1/groups/{made.members['id']}"
    shown = people.admin.ask("POST", f"{path}/members", {"logins": members}).members
    assert sorted(one["login"] for one in shown["members"]) == sorted(members)
    unknown = {"logins": [people.owner.login, people.reader.login]}
    refused = people.admin.ask("POST", f"{path}/members", unknown)
    assert refused.refusal() == (422, "colleague_unknown")
    assert refused.members["logins"] == [people.reader.login]
    recipients = {"logins": ["sales@aster.example", "nobody@aster.example"]}
    found = people.reader.ask("POST", "/api/v1/recipients", recipients).members["recipients"]
    assert found[0] | {"login": ""} == found[1] | {"login": ""}
    assert people.admin.ask("PATCH", path, {"partners_may_send": True}).members["partners_may_send"] is True
    sent = message(people.reader, ["sales@aster.example"], uploads=[upload(people.reader, CONTENT_BYTES)]).members
    delivered()
    for member in (people.owner, people.teammate):
        assert [one["id"] for one in member.ask("GET", "/api/v1/inbox").members["messages"]] == [sent["id"]]
    gone = member_of(shown, people.owner.login)
    assert people.admin.ask("DELETE", f"{path}/members/{gone}").members == {}
    assert people.admin.ask("DELETE", path).members == {}
    assert people.admin.ask("GET", path).refusal() == (404, "not_found")
    assert people.admin.ask("GET", "/api/v1/groups").members == {"groups": []}
