"""Lists cost a fixed number of queries, however much they hold."""

from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scopes_disabled

from accounts.models import Tenant
from accounts.services import user_invite
from exchange.services.paging import PAGE
from tests.portal.caller import Caller, once_more
from tests.portal.conftest import World, delivered, message, upload

pytestmark = pytest.mark.django_db
LISTS = ["/api/v1/inbox", "/api/v1/outbox", "/inbox", "/outbox", "/api/v1/sessions", "/sessions"]


def queries(person: Caller, path: str, members=None) -> int:
    person.ask("GET" if members is None else "POST", path, members)  # keys are in memory from here on
    with CaptureQueriesContext(connection) as captured:
        answer = person.ask("GET" if members is None else "POST", path, members)
    assert answer.status == 200, answer.body
    return len(captured)


def exchanged(people: World, times: int) -> None:
    """Messages of two documents each, from the owner to the reader and to themselves."""
    for _ in range(times):
        uploads = [upload(people.owner, b"one"), upload(people.owner, b"two")]
        sent = message(people.owner, [people.reader.login, people.owner.login], uploads=uploads)
        assert sent.status == 201, sent.body
    delivered()


def test_a_list_of_many_costs_the_queries_of_a_list_of_one(people):
    exchanged(people, 1)
    before = {path: queries(people.owner, path) for path in LISTS}
    exchanged(people, 3)
    assert len(people.owner.ask("GET", "/api/v1/inbox").members["messages"]) == 4
    assert {path: queries(people.owner, path) for path in LISTS} == before
    assert max(before.values()) <= 8


def test_a_message_with_many_documents_costs_the_queries_of_one_with_one(people):
    sent = []
    for count in (1, 4):
        uploads = [upload(people.owner, bytes([number])) for number in range(count)]
        sent.append(message(people.owner, [people.reader.login], uploads=uploads).members["id"])
    delivered()
    for box, person in (("inbox", people.reader), ("outbox", people.owner)):
        for prefix in ("", "/api/v1"):
            one, many = (queries(person, f"{prefix}/{box}/{message_id}") for message_id in sent)
            assert one == many <= 10


def test_recipients_cost_the_same_queries_however_many_and_whoever_they_are(people):
    names = [people.reader.login, people.teammate.login, people.outsider.login]
    names += [f"nobody{number}@nowhere.example" for number in range(20)]
    asked = (names[2:3], names[3:4], names[2:], names[:1], names)
    costs = {queries(people.owner, "/api/v1/recipients", {"logins": logins}) for logins in asked}
    assert len(costs) == 1  # nobody, somebody who is not connected, and somebody who is


def test_sessions_of_one_user_cost_the_same_however_many(people):
    before = queries(people.owner, "/api/v1/sessions")
    for _ in range(3):
        once_more(people.owner)
    assert len(people.owner.ask("GET", "/api/v1/sessions").members["sessions"]) == 4
    assert queries(people.owner, "/api/v1/sessions") == before


def test_pages_of_a_list_hold_every_message_once(people):
    for _ in range(PAGE + 1):
        assert message(people.owner, [people.owner.login]).status == 201
    delivered()
    for box in ("inbox", "outbox"):
        first = people.owner.ask("GET", f"/api/v1/{box}").members
        second = people.owner.ask("GET", f"/api/v1/{box}?before={quote(first['next'])}").members
        assert (len(first["messages"]), len(second["messages"]), second["next"]) == (PAGE, 1, None)
        assert len({item["id"] for item in first["messages"] + second["messages"]}) == PAGE + 1


def members_added(people: World, number: int) -> None:
    """Another shared mailbox and another group, with two more people in each."""
    logins = []
    with scopes_disabled():
        tenant = Tenant.objects.get(id=people.tenants["aster"])
        for letter in "ab":
            logins.append(f"{letter}{number}@aster.example")
            user_invite(tenant=tenant, login=logins[-1], name=letter)
    mailbox = {"address": f"mailbox{number}@aster.example", "name": f"Mailbox {number}"}
    mailbox_id = people.admin.ask("POST", "/api/v1/mailboxes", mailbox).members["id"]
    for login in [people.admin.login, *logins]:
        people.admin.ask("POST", f"/api/v1/mailboxes/{mailbox_id}/members", {"login": login})
    group = {"address": f"group{number}@aster.example", "name": f"Group {number}", "members": logins}
    assert people.admin.ask("POST", "/api/v1/groups", group).status == 201
    assert message(people.owner, [mailbox["address"]]).status == 201
    delivered()


def test_mailboxes_and_groups_cost_the_same_queries_however_many(people):
    lists = ["/api/v1/mailboxes", "/api/v1/mailboxes?all=true", "/api/v1/groups", "/mailboxes", "/groups", "/inbox"]
    members_added(people, 1)
    before = {path: queries(people.admin, path) for path in lists}
    for number in (2, 3):
        members_added(people, number)
    mine = people.admin.ask("GET", "/api/v1/mailboxes").members["mailboxes"]
    assert [one["unread"] for one in mine] == [0, 1, 1, 1]
    assert {path: queries(people.admin, path) for path in lists} == before
    assert max(before.values()) <= 8


def test_a_shared_mailbox_is_listed_by_the_queries_of_one_s_own(people):
    members_added(people, 1)
    mine = people.admin.ask("GET", "/api/v1/mailboxes").members["mailboxes"][1]
    assert queries(people.admin, f"/inbox?mailbox={mine['id']}") <= queries(people.admin, "/inbox") + 1
