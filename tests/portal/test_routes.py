"""Every address, taken from the URLconf: who may ask it, and 404 for all that is another's."""

import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from uuid import uuid4

import pytest
from django.urls import URLPattern, get_resolver

from tests.portal.caller import CONTENT, Answer, Caller, plain
from tests.portal.conftest import CONTENT_BYTES, World, part_put, upload, upload_begin

pytestmark = pytest.mark.django_db
OPERATOR = "admin/"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Answered before there is a session: the API's own, and pages, which are shells without a word of a user.
PUBLIC = {
    "health", "api/v1/handshake/start", "api/v1/handshake/finish", "api/v1/enrolment/key", "api/v1/enrolment/view",
    "api/v1/enrolment",
}  # fmt: skip
# Route → whose it is, its ids (names in World.places), and a body that only the ids can make wrong.
OWNED: dict[str, tuple[str, str, Any]] = {
    "DELETE api/v1/sessions/<uuid:session_id>": ("owner", "session", None),
    "PATCH api/v1/second-factor/keys/<uuid:key_id>": ("owner", "security_key", {"name": "Other"}),
    "POST api/v1/second-factor/keys/<uuid:key_id>/remove": (
        "owner",
        "security_key",
        lambda world: {"code": world.places["recovery_code"]},
    ),
    "GET api/v1/uploads/<uuid:upload_id>": ("owner", "open_upload", None),
    "DELETE api/v1/uploads/<uuid:upload_id>": ("owner", "open_upload", None),
    "PUT api/v1/uploads/<uuid:upload_id>/parts/<int:number>": ("owner", "open_upload", b"part"),
    "POST api/v1/uploads/<uuid:upload_id>/complete": ("owner", "open_upload", {}),
    "GET api/v1/inbox/<uuid:message_id>": ("reader", "message", None),
    "GET api/v1/outbox/<uuid:message_id>": ("owner", "message", None),
    "POST api/v1/outbox/<uuid:message_id>/retry": ("owner", "message", {}),
    "POST api/v1/outbox/<uuid:message_id>/cancel": ("owner", "message", {}),
    "POST api/v1/outbox/<uuid:message_id>/invitations": ("owner", "message", {"login": "nobody@nowhere.example"}),
    "DELETE api/v1/outbox/<uuid:message_id>/invitations": ("owner", "message", {"login": "nobody@nowhere.example"}),
    "GET api/v1/requests/<uuid:request_id>": ("owner", "request", None),
    "POST api/v1/requests/<uuid:request_id>/extend": ("owner", "request", {"expires_days": 5}),
    "POST api/v1/requests/<uuid:request_id>/close": ("owner", "request", {}),
    "GET requests/<uuid:request_id>": ("owner", "request", None),
    "GET api/v1/jobs/<uuid:job_id>": ("owner", "message", None),
    "POST api/v1/jobs/<uuid:job_id>/retry": ("owner", "message", {}),
    "POST api/v1/jobs/<uuid:job_id>/cancel": ("owner", "message", {}),
    "PATCH api/v1/pipelines/<uuid:pipeline_id>": ("admin", "pipeline", {"name": "Other"}),
    "DELETE api/v1/pipelines/<uuid:pipeline_id>": ("admin", "pipeline", None),
    "POST api/v1/outbox/<uuid:message_id>/extend": ("owner", "message", {"expires_days": 20}),
    "POST api/v1/outbox/<uuid:message_id>/recall": ("owner", "message", {}),
    "POST api/v1/outbox/<uuid:message_id>/remind": ("owner", "message", {}),
    "POST api/v1/outbox/<uuid:message_id>/recipients": ("owner", "message", {"logins": ["reader@birch.example"]}),
    "POST api/v1/outbox/<uuid:message_id>/archive": ("owner", "message", {}),
    "POST api/v1/outbox/<uuid:message_id>/unarchive": ("owner", "message", {}),
    "POST api/v1/inbox/<uuid:message_id>/archive": ("reader", "message", {}),
    "POST api/v1/inbox/<uuid:message_id>/unarchive": ("reader", "message", {}),
    "POST api/v1/documents/<uuid:document_id>/transfers": ("reader", "received", {"purpose": "save"}),
    "GET api/v1/transfers/<uuid:transfer_id>/content": ("reader", "transfer", None),
    "POST api/v1/transfers/<uuid:transfer_id>/received": ("reader", "transfer", {"sha256": "0" * 64}),
    "GET api/v1/team/<uuid:user_id>": ("admin", "person", None),
    "POST api/v1/team/<uuid:user_id>/invitation": ("admin", "invited", {}),
    "DELETE api/v1/team/<uuid:user_id>/invitation": ("admin", "invited", None),
    "POST api/v1/team/<uuid:user_id>/role": ("admin", "person", {"role": "auditor"}),
    "POST api/v1/team/<uuid:user_id>/sign-out": ("admin", "person", {}),
    "POST api/v1/team/<uuid:user_id>/reissue": ("admin", "person", {}),
    "POST api/v1/team/<uuid:user_id>/reissue/approve": ("admin", "person", {}),
    "POST api/v1/team/<uuid:user_id>/reissue/decline": ("admin", "person", {}),
    "POST api/v1/team/<uuid:user_id>/remove": ("admin", "person", {"heir": ""}),
    "GET team/<uuid:user_id>": ("admin", "person", None),
    "GET inbox/<uuid:message_id>": ("reader", "message", None),
    "GET outbox/<uuid:message_id>": ("owner", "message", None),
    "GET api/v1/mailboxes/<uuid:mailbox_id>": ("admin", "mailbox", None),
    "PATCH api/v1/mailboxes/<uuid:mailbox_id>": ("admin", "mailbox", {"name": "Other"}),
    "POST api/v1/mailboxes/<uuid:mailbox_id>/members": ("admin", "mailbox", {"login": "clerk@aster.example"}),
    "PATCH api/v1/mailboxes/<uuid:mailbox_id>/members/<uuid:user_id>": ("admin", "mailbox clerk", {"role": "admin"}),
    "DELETE api/v1/mailboxes/<uuid:mailbox_id>/members/<uuid:user_id>": ("admin", "mailbox clerk", None),
    "GET api/v1/groups/<uuid:group_id>": ("admin", "group", None),
    "PATCH api/v1/groups/<uuid:group_id>": ("admin", "group", {"name": "Other"}),
    "DELETE api/v1/groups/<uuid:group_id>": ("admin", "group", None),
    "POST api/v1/groups/<uuid:group_id>/members": ("admin", "group", {"logins": ["clerk@aster.example"]}),
    "DELETE api/v1/groups/<uuid:group_id>/members/<uuid:user_id>": ("admin", "group clerk", None),
    "POST api/v1/connections/<uuid:connection_id>/suspend": ("admin", "connection", {}),
    "POST api/v1/connections/<uuid:connection_id>/resume": ("admin", "suspended", {}),
    "PUT api/v1/connections/<uuid:connection_id>/terms": ("admin", "connection", {"direction": "in", "terms": {}}),
    "DELETE api/v1/connections/<uuid:connection_id>": ("admin", "connection", None),
    "POST api/v1/proposals/<uuid:proposal_id>": ("admin", "proposed", {"accept": False}),
    "DELETE api/v1/proposals/<uuid:proposal_id>": ("admin", "proposal", None),
    "POST api/v1/holds/<uuid:hold_id>/lift": ("admin", "hold", {"reason": "Settled"}),
    "GET mailboxes/<uuid:mailbox_id>": ("admin", "mailbox", None),
    "GET groups/<uuid:group_id>": ("admin", "group", None),
}
# Of a role that none of the personas here has: tests/portal/test_outsiders.py.
ELSEWHERE = {"GET api/v1/request/deposits/<uuid:deposit_id>", "GET api/v1/pipelines/<uuid:pipeline_id>"}
PERSONAS = ("owner", "teammate", "reader", "outsider")


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(method, route) of every address of the portal; those of Django admin are walked in test_admin.py."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern)
        if route.startswith(OPERATOR):
            continue
        if not isinstance(entry, URLPattern):
            yield from routes(entry.url_patterns, route)
            continue
        view = getattr(entry.callback, "view_class", None)
        for method in METHODS if view else ("GET",):
            if view is None or hasattr(view, method.lower()):
                yield method, route


def path_of(route: str, *identities: str) -> str:
    """The address of a route with these ids."""
    known = cycle(identities)
    return "/" + re.sub("<uuid:[a-z_]+>", lambda _: next(known), route.replace("<int:number>", "0"))


def asked(person: Caller, method: str, route: str, identities: list[str], body: Any) -> Answer:
    """A well-formed request for these ids."""
    path = path_of(route, *identities)
    if isinstance(body, bytes):
        return person.send(person.request(method, path, body, seal=False, content_type=CONTENT))
    return person.ask(method, path, body)


def test_every_address_with_an_id_stands_in_the_table():
    found = {f"{method} {route}" for method, route in routes() if "<" in route}
    assert found == set(OWNED) | ELSEWHERE


def test_the_walk_sees_the_whole_portal():
    found = {route for _, route in routes()}
    assert {"health", "api/v1/me", "inbox", "compose", "signin", ""} <= found
    assert len(found) > 30


@pytest.mark.parametrize("route", OWNED)
def test_what_is_another_s_is_like_what_is_not_there(world: World, route):
    """For a teammate, a partner, a stranger, admins: the very answer that an id which never was gets.

    Who has not the role for an address learns that of every id.
    """
    method, _, pattern = route.partition(" ")
    whose, names, body = OWNED[route]
    body = body(world) if callable(body) else body
    owner, identities = getattr(world, whose), world.ids(names)
    for person in world.others(owner):
        foreign = asked(person, method, pattern, identities, body)
        unknown = asked(person, method, pattern, [str(uuid4()) for _ in identities], body)
        roleless = foreign.refusal() == (403, "role_forbidden")
        assert roleless or foreign.status == 404, person.login
        assert (foreign.status, foreign.body, foreign.headers["Content-Type"]) == (
            unknown.status, unknown.body, unknown.headers["Content-Type"],
        )  # fmt: skip
    mine = asked(owner, method, pattern, identities, body)
    assert mine.status not in {401, 403, 404}, mine.body


@pytest.mark.parametrize("route", OWNED)
def test_nobody_gets_nothing(world: World, route):
    """Unsigned: refused, or for pages the shell that everybody gets."""
    method, _, pattern = route.partition(" ")
    path = path_of(pattern, *world.ids(OWNED[route][1]))
    answer = plain(method, path)
    if path.startswith("/api/"):
        assert answer.refusal() == (401, "signature_missing")
    else:
        assert answer.body == plain("GET", "/signin").body


@pytest.mark.parametrize(("method", "route"), sorted({(m, r) for m, r in routes() if "<" not in r}))
def test_every_address_without_an_id_asks_for_a_signature_or_says_nothing_of_anybody(db, method, route):
    answer = plain(method, f"/{route}")
    if route.startswith("api/") and route not in PUBLIC:
        assert answer.refusal() == (401, "signature_missing")
    elif route not in PUBLIC and route:
        assert answer.body == plain("GET", "/signin").body


def test_ids_of_another_cannot_be_used_in_a_body_either(world: World):
    """A teammate cannot send what the owner has uploaded, and gets the answer of an upload that never was."""
    theirs = upload(world.owner, CONTENT_BYTES)
    answers = []
    for upload_id in (theirs, str(uuid4())):
        body = {"key": str(uuid4()), "subject": "Stolen", "recipients": [world.reader.login], "uploads": [upload_id]}
        answers.append(world.teammate.ask("POST", "/api/v1/messages", body))
    assert [answer.refusal() for answer in answers] == [(409, "upload_incomplete")] * 2
    assert answers[0].body == answers[1].body


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
