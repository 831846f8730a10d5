"""People outside at the sealed API: a depositor may deposit and nothing else, a guest may read and nothing else."""

from uuid import uuid4

import pytest
from django_scopes import scopes_disabled

from accounts.models import Tenant, User
from accounts.services import guest_create, user_issue
from accounts.services.depositor import request_login
from accounts.services.shared_key import bundle_of, shared_key_store
from sealpost.crypto.kdf import secret_format
from sealpost.protocol.keys import secret_keys
from tests.portal.caller import Caller, caller
from tests.portal.conftest import World, delivered, part_put, upload, upload_begin
from tests.portal.test_routes import PUBLIC, asked, routes

pytestmark = pytest.mark.django_db
_NO_API = {"health", "signin", "password", "enrol", "", "second-factor"}
EVERYBODY_S = {"GET api/v1/me", "DELETE api/v1/sessions/<uuid:session_id>"}
UPLOADS = {f"{method} api/v1/uploads{rest}" for method, rest in [
    ("POST", ""), ("GET", "/<uuid:upload_id>"), ("DELETE", "/<uuid:upload_id>"),
    ("PUT", "/<uuid:upload_id>/parts/<int:number>"), ("POST", "/<uuid:upload_id>/complete"),
]}  # fmt: skip
DEPOSITOR_S = EVERYBODY_S | UPLOADS | {
    "GET api/v1/request", "POST api/v1/request/deposits", "GET api/v1/request/deposits/<uuid:deposit_id>",
    "GET request",
}  # fmt: skip
# What a guest may ask: what everybody does with an account, and reading.
GUEST_S = EVERYBODY_S | {
    "POST api/v1/password", "GET api/v1/sessions", "GET sessions", "PATCH api/v1/me", "GET account",
    "GET api/v1/notifications", "PUT api/v1/notifications", "GET notifications",
    "GET api/v1/second-factor", "POST api/v1/second-factor", "POST api/v1/second-factor/confirm",
    "POST api/v1/second-factor/check", "POST api/v1/second-factor/remove", "POST api/v1/address",
    "POST api/v1/second-factor/challenge", "GET api/v1/second-factor/keys", "POST api/v1/second-factor/keys",
    "POST api/v1/second-factor/keys/confirm", "PATCH api/v1/second-factor/keys/<uuid:key_id>",
    "POST api/v1/second-factor/keys/<uuid:key_id>/remove",
    "GET api/v1/mailboxes", "POST api/v1/inbox/<uuid:message_id>/archive",
    "POST api/v1/inbox/<uuid:message_id>/unarchive",
    "GET api/v1/inbox", "GET api/v1/inbox/<uuid:message_id>", "GET inbox", "GET inbox/<uuid:message_id>",
    "POST api/v1/documents/<uuid:document_id>/transfers", "GET api/v1/transfers/<uuid:transfer_id>/content",
    "POST api/v1/transfers/<uuid:transfer_id>/received",
}  # fmt: skip


def request_made(owner: Caller, **changed) -> dict:
    answer = owner.ask("POST", "/api/v1/requests", {"title": "Papers", "deposits_most": 5} | changed)
    assert answer.status == 201, answer.body
    return answer.members


def depositor(request: dict) -> Caller:
    return caller(request_login(request["id"]), request["passphrase"])


def guest(login: str = "gil@outside.example") -> Caller:
    """A guest with a machine's key, which costs no derivation."""
    made = guest_create(address=login)
    secret = bytes(range(32))
    with scopes_disabled():
        shared_key_store(user=made, bundle=bundle_of(secret_keys(secret)), issued=False)
        User.objects.filter(id=made.id).update(state=User.State.ACTIVE)
    return caller(login, secret_format(secret))


def walked(person: Caller, may: set[str]) -> None:
    """Every address that is not theirs answers role_forbidden, before it looks at anything."""
    shells = set()
    for method, route in routes():
        name = f"{method} {route}"
        if route in PUBLIC or name in may:
            continue
        path = route.replace("<int:number>", "0")
        if "<uuid" in route:
            answer = asked(person, method, route, [str(uuid4()), str(uuid4())], b"part" if "parts" in route else {})
        else:
            answer = person.ask(method, f"/{path}", {} if method in {"POST", "PUT", "PATCH"} else None)
        if answer.status == 200 and route in _NO_API:
            shells.add(answer.body)
            continue
        assert answer.refusal() == (403, "role_forbidden"), name
    assert len(shells) <= 1  # the static shell, the same for everybody


def test_a_depositor_may_deposit_and_nothing_else(people: World):
    walked(depositor(request_made(people.owner)), DEPOSITOR_S)


def test_a_guest_may_read_and_nothing_else(people: World):
    walked(guest(), GUEST_S)


def test_a_guest_has_an_inbox_and_reads(people: World):
    gil = guest()
    assert gil.ask("GET", "/api/v1/me").members["role"] == "guest"
    assert gil.ask("GET", "/api/v1/inbox").members["messages"] == []
    page = gil.ask("GET", "/inbox").body.decode()
    assert "/compose" not in page


def test_everybody_else_has_no_deposits(people: World):
    for route in ("/api/v1/request", "/request", f"/api/v1/request/deposits/{uuid4()}"):
        assert people.owner.ask("GET", route).refusal() == (403, "role_forbidden")


def test_a_deposit_by_the_api(people: World):
    request = request_made(people.owner, note="By Friday")
    otto = depositor(request)
    assert "By Friday" in otto.ask("GET", "/request").body.decode()
    body = {"key": str(uuid4()), "name": "Otto <b>Outside</b>", "uploads": [upload(otto)]}
    for missing in ("key", "name", "uploads"):
        short = {name: value for name, value in body.items() if name != missing}
        assert otto.ask("POST", "/api/v1/request/deposits", short).refusal() == (422, "field_invalid")
    answer = otto.ask("POST", "/api/v1/request/deposits", body)
    assert (answer.status, answer.members["state"]) == (201, "checking")
    delivered()
    shown = otto.ask("GET", f"/api/v1/request/deposits/{answer.members['id']}").members
    assert shown["state"] == "delivered"
    assert shown["receipt"]["text"].startswith("Sealpost receipt, version 1\nTo: Aster\n")
    listed = people.owner.ask("GET", "/inbox").body.decode()
    assert "Otto &lt;b&gt;Outside&lt;/b&gt;" in listed
    assert "File request, unverified:</span> Otto" in listed  # before the name, where no narrow screen cuts it off
    assert "By file request" in people.owner.ask("GET", f"/inbox/{answer.members['id']}").body.decode()
    other = depositor(request)
    assert other.ask("GET", f"/api/v1/request/deposits/{answer.members['id']}").refusal() == (404, "not_found")
    assert other.ask("DELETE", f"/api/v1/sessions/{otto.session}").refusal() == (404, "not_found")
    assert otto.ask("DELETE", f"/api/v1/sessions/{otto.session}").status == 200


def test_an_upload_of_a_depositor_is_refused_before_any_part(people: World):
    request = request_made(people.owner, bytes_most=10)
    otto = depositor(request)
    assert upload_begin(otto, bytes(11))["answer"].refusal() == (413, "request_too_large")
    begun = upload_begin(otto, bytes(10))
    assert people.owner.ask("POST", f"/api/v1/requests/{request['id']}/close", {}).members["state"] == "closed"
    assert part_put(otto, begun["id"], begun["stream"]).refusal() == (401, "session_unknown")


@pytest.mark.parametrize(
    "body", [{}, {"title": "x", "deposits_most": -1}, {"title": "x", "more": 1}, {"title": 5, "mailbox": "x"}]
)
def test_a_request_that_is_malformed(people: World, body):
    assert people.owner.ask("POST", "/api/v1/requests", body).refusal() == (422, "field_invalid")


def test_requests_of_an_organisation_that_is_being_closed(people: World):
    otto = depositor(request_made(people.owner))
    with scopes_disabled():
        Tenant.objects.filter(id=people.tenants["aster"]).update(state=Tenant.State.CLOSING)
    assert people.owner.ask("POST", "/api/v1/requests", {"title": "x"}).refusal() == (403, "tenant_closing")
    assert otto.ask("GET", "/api/v1/request").members["state"] == "closed"
    body = {"key": str(uuid4()), "name": "Otto", "uploads": [str(uuid4())]}
    assert otto.ask("POST", "/api/v1/request/deposits", body).refusal() == (410, "request_closed")


def test_guests_by_the_api(people: World):
    outside = "gil@outside.example"
    answer = people.owner.ask("POST", "/api/v1/guests", {"login": outside, "enrolment": "passphrase"})
    assert (answer.status, answer.members["login"]) == (201, outside)
    for body in ({"login": outside}, {"login": outside, "enrolment": "telepathy"}):
        assert people.owner.ask("POST", "/api/v1/guests", body).refusal() == (422, "field_invalid")
    again = people.owner.ask("POST", "/api/v1/guests", {"login": people.reader.login, "enrolment": "passphrase"})
    assert again.refusal() == (409, "guest_needless")
    with scopes_disabled():
        tenant = Tenant.objects.get(id=people.tenants["aster"])
    auditor = user_issue(tenant=tenant, login="audit@aster.example", role="auditor", kind="machine")
    asks = caller(auditor.login, auditor.passphrase)
    assert asks.ask("POST", "/api/v1/guests", {"login": outside, "enrolment": "passphrase"}).refusal()[0] == 403
