"""Signed and sealed requests: what was altered, repeated, late, plain or too large is refused, and nothing changes."""

import json
import time
from uuid import uuid4

import pytest
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import Session
from exchange.models import Message
from sealpost.crypto.encoding import b64u_encode
from sealpost.protocol.body import LIMIT
from sealpost.protocol.signature import WINDOW, content_digest
from tests.accounts.client import SignedIn
from tests.portal.caller import Caller, plain

pytestmark = pytest.mark.django_db
ME, RECIPIENTS = "/api/v1/me", "/api/v1/recipients"
NOBODY = {"logins": []}


@pytest.fixture
def owner(people) -> Caller:
    return people.owner


def posted(owner: Caller, **options) -> dict:
    return owner.request("POST", RECIPIENTS, json.dumps(NOBODY).encode(), **options)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_an_honest_request_is_answered_sealed(owner):
    answer = owner.send(posted(owner))
    assert (answer.status, answer.members, answer.sealed) == (200, {"recipients": []}, True)


def test_an_unsigned_request_is_refused_and_nothing_is_told(people):
    answer = plain("GET", ME)
    assert answer.refusal() == (401, "signature_missing")
    assert people.owner.login not in answer.body.decode()


def test_a_signed_plain_body_is_refused(owner):
    request = owner.request("POST", RECIPIENTS, json.dumps(NOBODY).encode(), seal=False)
    answer = owner.send(request)
    assert answer.refusal() == (415, "body_not_sealed")
    assert answer.sealed


@pytest.mark.parametrize("coding", ["gzip", "identity", "Sealed", "sealed, gzip"])
def test_another_coding_is_refused(owner, coding):
    request = posted(owner)
    request["headers"]["Content-Encoding"] = coding
    assert owner.send(request).refusal() == (415, "body_not_sealed")


@pytest.mark.parametrize("at", [0, 1, 40, 41, -1])
def test_an_altered_body_is_refused(owner, at):
    request = posted(owner)
    request["body"] = flipped(request["body"], at % len(request["body"]))
    assert owner.send(request).refusal() == (400, "body_refused")


@pytest.mark.parametrize("at", [0, 1, 40, 41, -1])
def test_whoever_can_sign_and_not_seal_cannot_alter_a_body(owner, at):
    nonce = bytes(range(16))
    sealed = owner.sealed("POST", RECIPIENTS, json.dumps(NOBODY).encode(), nonce)
    request = posted(owner, ready=flipped(sealed, at % len(sealed)), nonce=nonce)
    assert owner.send(request).refusal() == (400, "body_refused")


@pytest.mark.parametrize("cut", [0, 1, 39, 40, 56])
def test_a_truncated_body_is_refused(owner, cut):
    request = posted(owner)
    request["body"] = request["body"][:cut]
    if cut:
        assert owner.send(request).refusal() == (400, "body_refused")
    else:
        assert owner.send(request).refusal() == (422, "field_invalid")  # nothing came, so a field is missing


def test_a_body_sealed_for_another_request_is_refused(owner):
    other = owner.request("POST", "/api/v1/messages", json.dumps(NOBODY).encode())
    request = posted(owner, ready=other["body"], nonce=other["nonce"])
    assert owner.send(request).refusal() == (400, "body_refused")


def test_a_body_sealed_for_another_content_type_is_refused(owner):
    request = posted(owner)
    request["type"] = "text/plain"
    assert owner.send(request).refusal() == (400, "body_refused")


@pytest.mark.parametrize("digest", [content_digest(b"other"), "sha-256=::", "", None])
def test_an_altered_digest_is_refused(owner, digest):
    request = posted(owner)
    del request["headers"]["Content-Digest"]
    if digest is not None:
        request["headers"]["Content-Digest"] = digest
    assert owner.send(request).refusal() == (401, "signature_invalid")


@pytest.mark.parametrize(
    "altered", [{"path": "/api/v1/messages"}, {"path": RECIPIENTS + "?x=1"}, {"method": "PUT"}, {"method": "DELETE"}]
)
def test_an_altered_path_or_method_is_refused(owner, altered):
    assert owner.send(posted(owner) | altered).refusal() == (401, "signature_invalid")


def test_a_signature_for_another_origin_is_refused(owner):
    request = posted(owner, target_uri="https://elsewhere.example" + RECIPIENTS)
    assert owner.send(request).refusal() == (401, "signature_invalid")


def test_an_altered_signature_is_refused(owner):
    request = posted(owner)
    value = request["headers"]["Signature"]
    request["headers"]["Signature"] = value[:5] + ("A" if value[5] != "A" else "B") + value[6:]
    assert owner.send(request).refusal() == (401, "signature_invalid")


@pytest.mark.parametrize("name", ["Signature-Input", "Signature"])
@pytest.mark.parametrize("value", ["", "x", "sig=()", "sig=::", "a" * 5000])
def test_malformed_signature_headers_are_refused(owner, name, value):
    request = posted(owner)
    request["headers"][name] = value
    answer = owner.send(request)
    assert answer.refusal() == (401, "signature_missing")
    assert not answer.sealed


def test_a_body_that_the_signature_does_not_cover_is_refused(owner):
    nonce = bytes(range(16))
    sealed = owner.sealed("POST", RECIPIENTS, json.dumps(NOBODY).encode(), nonce)
    uncovered = owner.request("POST", RECIPIENTS, nonce=nonce)
    uncovered |= {"body": sealed, "headers": uncovered["headers"] | {"Content-Encoding": "sealed"}}
    assert owner.send(uncovered).refusal() == (400, "body_refused")


def test_a_replayed_request_is_refused_and_does_nothing_again(people):
    body = {"key": str(uuid4()), "subject": "Once", "recipients": [people.reader.login]}
    request = people.owner.request("POST", "/api/v1/messages", json.dumps(body).encode())
    assert people.owner.send(request).status == 201
    assert people.owner.send(request).refusal() == (401, "request_replayed")
    with scopes_disabled():
        assert Message.objects.count() == 1


@pytest.mark.parametrize("seconds", [-WINDOW - 5, WINDOW + 5])
def test_a_stale_request_is_refused(owner, seconds):
    request = posted(owner, created=int(time.time()) + seconds)
    assert owner.send(request).refusal() == (401, "signature_stale")


def test_an_expired_session_is_refused(owner):
    with scopes_disabled():
        Session.objects.filter(id=owner.session).update(expires_at=timezone.now())
    answer = owner.send(posted(owner))
    assert answer.refusal() == (401, "session_unknown")
    assert not answer.sealed


def test_an_ended_session_is_refused_at_once(owner):
    assert owner.ask("DELETE", f"/api/v1/sessions/{owner.session}").status == 200
    assert owner.ask("GET", ME).refusal() == (401, "session_unknown")


def test_an_unknown_session_and_one_of_somebody_else_are_refused(people):
    owner = people.owner
    stranger = Caller(owner.login, SignedIn(uuid4(), owner.signed_in.user_keys, owner.signed_in.transcript))
    assert stranger.ask("GET", ME).refusal() == (401, "session_unknown")
    forged = Caller(owner.login, SignedIn(people.outsider.session, owner.signed_in.user_keys, b"t" * 32))
    assert forged.ask("GET", ME).refusal() == (401, "signature_invalid")


def test_a_sealed_body_over_the_limit_is_refused_unread(owner):
    largest = json.dumps(NOBODY).encode().ljust(LIMIT - 72)  # header and the tags of two segments
    answer = owner.send(owner.request("POST", RECIPIENTS, largest + b" "))
    assert answer.refusal() == (413, "body_too_large")
    assert answer.members["limit"] == LIMIT
    assert owner.send(owner.request("POST", RECIPIENTS, largest)).members == {"recipients": []}


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b"nothing", b'{"logins": [}'])
def test_a_body_that_is_no_json_is_refused(owner, body):
    status, code = owner.send(owner.request("POST", RECIPIENTS, body)).refusal()
    assert (status, code) in {(400, "bad_request"), (422, "field_invalid")}


@pytest.mark.parametrize("path", [RECIPIENTS, "/api/v1/uploads", "/api/v1/messages", "/api/v1/password"])
@pytest.mark.parametrize("body", ["[]", "null", '"text"', "1", '{"unknown": 1}', "{}", "[" * 900 + "]" * 900])
def test_a_body_of_another_form_is_refused(owner, path, body):
    status, code = owner.send(owner.request("POST", path, body.encode())).refusal()
    assert (status, code) in {(422, "field_invalid"), (400, "encoding_invalid"), (400, "bad_request")}


def test_an_unknown_field_is_named(owner):
    answer = owner.ask("POST", RECIPIENTS, NOBODY | {"bcc": []})
    assert answer.refusal() == (422, "field_invalid")
    assert answer.members["field"] == "bcc"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("transfer", "not-a-uuid"),
        ("kid", "AAAA"),
        ("kid", b64u_encode(bytes(16)) + "=="),
        ("size", -1),
        ("size", "many"),
        ("size", 1 << 60),
        ("header", b64u_encode(bytes(39))),
        ("name", None),
        ("name", "n" * 2000),
    ],
)
def test_a_field_of_another_form_is_named(owner, name, value):
    members = {"transfer": str(uuid4()), "kid": b64u_encode(bytes(16)), "name": "a.txt", "type": "text/plain"}
    members |= {"size": 1, "header": b64u_encode(bytes(40)), "commitment": b64u_encode(bytes(32)), name: value}
    answer = owner.ask("POST", "/api/v1/uploads", members)
    assert answer.refusal() == (422, "field_invalid")
    assert answer.members["field"] == name
    assert str(value) not in answer.body.decode() or value is None


@pytest.mark.parametrize("cursor", ["x", "2026-01-01T00:00:00_x", "_", "2026-01-01T00:00:00+00:00_" + "0" * 31])
@pytest.mark.parametrize("list_path", ["/api/v1/inbox", "/api/v1/outbox", "/inbox", "/outbox"])
def test_a_cursor_that_is_none_is_refused(owner, list_path, cursor):
    assert owner.ask("GET", f"{list_path}?before={cursor.replace('+', '%2B')}").refusal() == (400, "cursor_invalid")


def test_an_issued_passphrase_must_be_replaced_before_anything_else(people, aster_person):
    """`/api/v1/messages` begins like `/api/v1/me` and must not pass for it."""
    person = aster_person
    assert person.ask("GET", ME).members["password_change_due"] is True
    message = {"key": str(uuid4()), "subject": "Early", "recipients": [people.reader.login]}
    for method, path, members in [
        ("POST", "/api/v1/messages", message),
        ("GET", "/api/v1/inbox", None),
        ("GET", "/api/v1/sessions", None),
        ("POST", RECIPIENTS, NOBODY),
        ("GET", "/inbox", None),
        ("GET", "/api/v1/me/", None),
    ]:
        assert person.ask(method, path, members).refusal() == (403, "password_change_due"), path
    with scopes_disabled():
        assert not Message.objects.exists()
    assert person.ask("DELETE", f"/api/v1/sessions/{person.session}").status == 200
