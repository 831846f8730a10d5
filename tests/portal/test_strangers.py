"""What ids and lists tell of others, beside the answers that tests/portal/matrix.py has for every address."""

import pytest

from tests.portal.conftest import CONTENT_BYTES, World, part_put, upload_begin

pytestmark = pytest.mark.django_db
PERSONAS = ("owner", "teammate", "reader", "outsider")


def test_a_transfer_id_of_another_user_is_no_secret_that_is_told(world: World):
    """The same transfer id may serve for two users: each has their own, and neither learns of the other."""
    members = world.owner.ask("GET", f"/api/v1/uploads/{world.places['open_upload']}").members
    answer = upload_begin(world.teammate, CONTENT_BYTES, transfer=members["transfer"])["answer"]
    assert answer.refusal() == (422, "header_malformed")  # its commitment is to another transfer; not "in use"
    assert part_put(world.teammate, world.places["open_upload"], b"x").refusal() == (404, "upload_unknown")


def test_lists_hold_what_is_one_s_own(world: World):
    message = world.places["message"]
    for name in PERSONAS:
        person = getattr(world, name)
        for box, whose in (("inbox", "reader"), ("outbox", "owner")):
            listed = [item["id"] for item in person.ask("GET", f"/api/v1/{box}").members["messages"]]
            assert listed == ([message] if name == whose else [])
        sessions = person.ask("GET", "/api/v1/sessions").members["sessions"]
        assert [item["id"] for item in sessions] == [str(person.session)]


def test_a_teammate_cannot_be_told_from_a_stranger_by_recipients_of_another_organisation(world: World):
    """The same answer for an unknown login and for one in an organisation that is not connected."""
    asked_for = {"logins": [world.outsider.login, "nobody@nowhere.example"]}
    found = world.owner.ask("POST", "/api/v1/recipients", asked_for).members["recipients"]
    outside = {"login": "", "name": "", "tenant": "", "kind": "guest", "reachable": True}
    assert [item | {"login": ""} for item in found] == [outside] * 2
