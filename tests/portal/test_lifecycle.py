"""The addresses of a message's later life and of legal holds, with what a client may get wrong."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scopes_disabled

from accounts.models import User
from exchange import services
from exchange.models import Message
from tests.exchange.lifecycle import days_pass
from tests.portal.caller import Caller
from tests.portal.conftest import World, delivered, message, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(world: World) -> Caller:
    """The admin of the sender's organisation, who has lifted the hold that was there."""
    path = f"/api/v1/holds/{world.places['hold']}/lift"
    assert world.admin.ask("POST", path, {"reason": "Settled"}).status == 200
    return world.admin


def outbox(world: World, action: str, members) -> tuple:
    return world.owner.ask("POST", f"/api/v1/outbox/{world.places['message']}/{action}", members)


@pytest.mark.parametrize(
    ("action", "members", "field"),
    [
        ("extend", {}, "expires_days"),
        ("extend", {"expires_days": "soon"}, "expires_days"),
        ("extend", {"expires_days": 20, "forever": True}, "forever"),
        ("recall", {"logins": []}, "logins"),
        ("recall", {"logins": "reader@birch.example"}, "logins"),
        ("recipients", {}, "logins"),
        ("recipients", {"logins": [1] * 1001}, "logins"),
    ],
)
def test_bodies_that_are_not_of_their_form(world: World, action, members, field):
    answer = outbox(world, action, members)
    assert answer.refusal() == (422, "field_invalid")
    assert answer.members["field"] == field


def test_a_message_s_whole_later_life(world: World):
    place, reader = world.places["message"], world.reader.login
    assert outbox(world, "extend", {"expires_days": 60}).members["state"] == "sent"
    assert outbox(world, "extend", {"expires_days": 1000}).refusal() == (403, "policy_refused")
    assert outbox(world, "remind", {}).refusal() == (409, "nothing_to_remind")
    assert (
        outbox(world, "recipients", {"logins": [world.teammate.login]}).members["deliveries"][1]["state"] == "waiting"
    )
    delivered()
    assert outbox(world, "remind", {}).members["deliveries"][1]["reminded_at"]
    assert outbox(world, "remind", {}).refusal() == (409, "reminded_already")
    assert outbox(world, "recall", {"logins": ["nobody@nowhere.example"]}).refusal() == (422, "recipient_unknown")
    shown = outbox(world, "recall", {"logins": [reader]}).members
    assert (shown["state"], [row["state"] for row in shown["deliveries"]]) == ("sent", ["recalled", "delivered"])
    assert world.reader.ask("GET", f"/api/v1/inbox/{place}").members["documents"] == []
    path = f"/api/v1/documents/{world.places['received']}/transfers"
    assert world.reader.ask("POST", path, {"purpose": "save"}).refusal() == (410, "delivery_recalled")
    path = f"/api/v1/transfers/{world.places['transfer']}/content"
    assert world.reader.ask("GET", path).refusal() == (410, "delivery_recalled")
    assert outbox(world, "recall", {}).members["state"] == "recalled"
    assert b"recalled this message" in world.reader.ask("GET", f"/inbox/{place}").body


def test_lists_of_what_is_archived(world: World):
    place = world.places["message"]
    for box, person in (("inbox", world.reader), ("outbox", world.owner)):
        for action, here, there in (("archive", [], [place]), ("unarchive", [place], [])):
            assert person.ask("POST", f"/api/v1/{box}/{place}/{action}", {}).status == 200
            for path, expected in ((f"/api/v1/{box}", here), (f"/api/v1/{box}?archived=1", there)):
                assert [row["id"] for row in person.ask("GET", path).members["messages"]] == expected
            assert (place.encode() in person.ask("GET", f"/{box}?archived=1").body) == bool(there)


def test_limits_are_shown_before_they_are_reached_and_named_when_they_are(world: World):
    sent = message(world.owner, [world.reader.login], uploads=[upload(world.owner)]).members
    with scopes_disabled():
        Message.objects.filter(id=sent["id"]).update(downloads_most=1)
    delivered()
    shown = world.reader.ask("GET", f"/api/v1/inbox/{sent['id']}").members
    document = shown["documents"][0]
    assert (shown["downloads_most"], document["downloads"], document["downloads_left"]) == (1, 0, 1)
    assert b"1 of 1 download left" in world.reader.ask("GET", f"/inbox/{sent['id']}").body
    path = f"/api/v1/documents/{document['id']}/transfers"
    transfer = world.reader.ask("POST", path, {"purpose": "save"}).members
    received = {"sha256": document["sha256"]}
    assert world.reader.ask("POST", f"/api/v1/transfers/{transfer['transfer']}/received", received).status == 200
    for purpose in ("save", "preview"):
        answer = world.reader.ask("POST", path, {"purpose": purpose})
        assert answer.refusal() == (403, "download_limit_reached")
        assert answer.members["limit"] == 1
    assert b"No downloads left of 1" in world.reader.ask("GET", f"/inbox/{sent['id']}").body
    assert world.owner.ask("GET", f"/api/v1/outbox/{sent['id']}").members["deliveries"][0]["downloads"] == 1


def test_pages_of_what_was_erased_say_so_and_when(world: World, admin: Caller):
    place = world.places["message"]
    days_pass(100)
    services.deliveries_expire()
    assert services.retention_erase() == 2
    for box, person in (("inbox", world.reader), ("outbox", world.owner)):
        for path in (f"/{box}/{place}", f"/{box}"):
            answer = person.ask("GET", path)
            assert answer.status == 200
            assert b"Erased on" in answer.body
            assert b"canary" not in answer.body


@pytest.mark.parametrize("kind", ["person", "message"])
def test_an_admin_places_and_lifts_a_hold(world: World, admin: Caller, kind):
    with scopes_disabled():
        sent = Message.objects.get(id=world.places["message"])
    target = {"person": str(sent.sender_id), "message": str(sent.id)}[kind]
    members = {"kind": kind, "target": target, "reason": "A lawsuit"}
    assert admin.ask("POST", "/api/v1/holds", members | {"target": str(admin.session)}).refusal()[0] == 422
    assert admin.ask("POST", "/api/v1/holds", members | {"kind": "tenant"}).refusal() == (422, "field_invalid")
    assert admin.ask("POST", "/api/v1/holds", members | {"reason": ""}).refusal() == (422, "hold_reason_missing")
    placed = admin.ask("POST", "/api/v1/holds", members)
    assert (placed.status, placed.members["lifted_at"]) == (201, None)
    assert admin.ask("POST", "/api/v1/holds", members).refusal() == (409, "hold_exists")
    assert placed.members in admin.ask("GET", "/api/v1/holds").members["holds"]
    page = admin.ask("GET", "/holds").body
    assert b"A lawsuit" in page
    assert b"Subject-of-the-canary" not in page
    path = f"/api/v1/holds/{placed.members['id']}/lift"
    assert admin.ask("POST", path, {"reason": "Settled"}).members["lift_reason"] == "Settled"
    assert admin.ask("POST", path, {"reason": "Settled"}).refusal() == (409, "hold_lifted")


def test_nobody_but_an_admin_sees_a_hold(world: World):
    for person in (world.owner, world.reader, world.outsider):
        for method, path, members in (
            ("GET", "/api/v1/holds", None), ("GET", "/holds", None),
            ("POST", "/api/v1/holds", {"kind": "person", "target": str(person.session), "reason": "Mine"}),
        ):  # fmt: skip
            assert person.ask(method, path, members).refusal() == (403, "role_forbidden")


def test_the_page_of_holds_costs_the_same_however_many(world: World, admin: Caller):
    def cost() -> int:
        admin.ask("GET", "/holds")
        with CaptureQueriesContext(connection) as captured:
            assert admin.ask("GET", "/holds").status == 200
        return len(captured)

    with scopes_disabled():
        people = list(User.objects.filter(tenant_id=world.tenants["aster"]).exclude(role=User.Role.DEPOSITOR))
    placed = []
    for user in people:
        answer = admin.ask("POST", "/api/v1/holds", {"kind": "person", "target": str(user.id), "reason": "Why"})
        placed.append((answer.status, cost()))
    assert {status for status, _ in placed} == {201}
    assert len({queries for _, queries in placed}) == 1
