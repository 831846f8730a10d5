"""Signing in over HTTP: plain JSON, and the same answer and work whoever does not exist."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scopes_disabled

from accounts.models import Session
from sealpost.crypto.encoding import b64u_decode, b64u_encode
from sealpost.protocol import handshake
from tests.accounts.client import Started
from tests.portal.caller import JSON, ORIGIN, Answer, plain
from tests.portal.conftest import World
from vault.services import ring_cache_clear

pytestmark = pytest.mark.django_db
START, FINISH = "/api/v1/handshake/start", "/api/v1/handshake/finish"
WRONG = {"proof": b64u_encode(bytes(32)), "confirmation": b64u_encode(bytes(32))}


def post(path: str, members: Any, **options: Any) -> Answer:
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    return plain("POST", path, data=body, content_type=JSON, **options)


def started(login: str) -> dict[str, Any]:
    answer = post(START, {"login": login, "nonce": b64u_encode(bytes(32))})
    assert answer.status == 200, answer.body
    return answer.members


def proofs(people: World, answer: dict[str, Any]) -> dict[str, Any]:
    """What the owner sends in step 3."""
    keys = people.owner.signed_in.user_keys
    agreed = Started(people.owner.login, bytes(32), answer, ORIGIN).transcript(keys)
    proof = handshake.client_proof(keys.login, agreed)
    confirmation = handshake.client_confirmation(keys.shared_key, agreed)
    return {
        "challenge": answer["challenge"],
        "proof": b64u_encode(proof),
        "confirmation": b64u_encode(confirmation),
    }


def test_the_right_proofs_open_a_session(people):
    answer = post(FINISH, proofs(people, started(people.owner.login)))
    assert answer.status == 200
    assert set(answer.members) == {"session", "signature", "confirmation"}
    with scopes_disabled():
        assert Session.objects.filter(id=answer.members["session"], user__isnull=False).exists()


def test_a_challenge_serves_once(people):
    answer = started(people.owner.login)
    assert post(FINISH, proofs(people, answer)).status == 200
    assert post(FINISH, proofs(people, answer)).refusal() == (401, "sign_in_refused")


def test_a_challenge_serves_once_even_when_the_first_try_was_wrong(people):
    answer = started(people.owner.login)
    assert post(FINISH, {"challenge": answer["challenge"]} | WRONG).refusal() == (401, "sign_in_refused")
    assert post(FINISH, proofs(people, answer)).refusal() == (401, "sign_in_refused")


def test_an_expired_challenge_is_refused(people):
    answer = started(people.owner.login)
    assert cache.touch(f"challenge:{answer['challenge']}", 0)  # its time passes
    assert post(FINISH, proofs(people, answer)).refusal() == (401, "sign_in_refused")


def test_an_unknown_challenge_is_refused_in_the_same_words(people):
    unknown = post(FINISH, {"challenge": str(uuid4())} | WRONG)
    wrong = post(FINISH, {"challenge": started(people.owner.login)["challenge"]} | WRONG)
    assert unknown.refusal() == (401, "sign_in_refused")
    assert unknown.body == wrong.body


@pytest.mark.parametrize("alteration", [{"proof": WRONG["proof"]}, {"confirmation": WRONG["confirmation"]}])
def test_one_wrong_proof_is_enough(people, alteration):
    body = proofs(people, started(people.owner.login)) | alteration
    assert post(FINISH, body).refusal() == (401, "sign_in_refused")


def test_an_unknown_login_gets_an_answer_of_the_same_form_that_stays_the_same(people, aster_person):
    known, unknown = started(aster_person.login), started("nobody@aster.example")
    assert set(known) == set(unknown)
    same_for_all = {"suite", "m", "t", "p"}
    assert {name: known[name] for name in same_for_all} == {name: unknown[name] for name in same_for_all}
    assert {name: len(str(known[name])) for name in known} == {name: len(str(unknown[name])) for name in unknown}
    again = started("  Nobody@ASTER.example ")
    for name in ("salt", "kid"):
        assert again[name] == unknown[name]
        assert known[name] == started(aster_person.login)[name]
    assert again["nonce"] != unknown["nonce"]
    assert len(b64u_decode(unknown["nonce"])) == 32


def work(login: str) -> tuple[list[str], list[str], bytes]:
    """Statements of both steps with a wrong password, their literals left out, and the refusal."""
    ring_cache_clear()
    with CaptureQueriesContext(connection) as first:
        challenge = started(login)["challenge"]
    with CaptureQueriesContext(connection) as second:
        answer = post(FINISH, {"challenge": challenge} | WRONG)
    assert answer.refusal() == (401, "sign_in_refused")

    def shapes(captured):
        return [re.sub(r"x'[^']*'|'[^']*'|\\x[0-9a-f]+|[0-9a-f]{32}|\d+", "?", query["sql"]) for query in captured]

    return shapes(first), shapes(second), answer.body


def test_an_unknown_login_costs_the_same_work_and_gets_the_same_refusal(people, aster_person):
    work(people.owner.login)  # what is made on first use is made
    assert work(aster_person.login) == work("nobody@aster.example")


@pytest.mark.parametrize("login", ["owner@aster.example", "nobody@aster.example"])
def test_the_sixth_wrong_password_pauses_a_login_known_or_not(people, login):
    for _ in range(5):
        post(FINISH, {"challenge": started(login)["challenge"]} | WRONG)
    answer = post(START, {"login": login, "nonce": b64u_encode(bytes(32))})
    assert answer.refusal() == (429, "sign_in_paused")
    assert 1 <= int(answer.headers["Retry-After"]) == answer.members["retry_after"] <= 61


def test_more_sign_ins_than_an_address_may_begin_are_refused(people, settings):
    settings.SEALPOST_SIGN_IN_RATE = 2
    answers = [post(START, {"login": people.owner.login, "nonce": b64u_encode(bytes(32))}) for _ in range(6)]
    refused = [answer for answer in answers if answer.status != 200]
    assert {answer.refusal() for answer in refused} == {(429, "too_many_requests")}
    assert len(refused) >= 2  # at most two in the minute that ends and two in the next
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in refused)


@pytest.mark.parametrize("body", [b"{", b"\xff", b"", b"[]", b"null", b'"x"', b"1"])
@pytest.mark.parametrize("path", [START, FINISH, "/api/v1/enrolment", "/api/v1/enrolment/view"])
def test_a_body_that_is_no_object_is_refused(db, path, body):
    assert post(path, body).refusal() in {(400, "bad_request"), (422, "field_invalid")}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("login", None),
        ("login", ""),
        ("login", "x" * 300),
        ("login", ["a@b.example"]),
        ("nonce", "short"),
        ("nonce", 1),
        ("nonce", b64u_encode(bytes(33))),
        ("password", "never sent"),
    ],
)
def test_a_field_of_another_form_is_named_and_not_repeated(db, field, value):
    answer = post(START, {"login": "a@b.example", "nonce": b64u_encode(bytes(32)), field: value})
    assert answer.refusal() == (422, "field_invalid")
    assert answer.members["field"] == field
    assert "never sent" not in answer.body.decode()


def test_a_login_with_a_zero_byte_is_refused(db):
    answer = post(START, {"login": "a\0@b.example", "nonce": b64u_encode(bytes(32))})
    assert answer.refusal() == (422, "field_invalid")


def test_an_invitation_that_is_none_is_refused_in_the_same_words(people):
    view = {"invitation": str(uuid4()), "nonce": b64u_encode(bytes(16)), "proof": b64u_encode(bytes(32))}
    assert post("/api/v1/enrolment/view", view).refusal() == (404, "invitation_unknown")
    key = plain("GET", "/api/v1/enrolment/key").members["id"]
    sent = {"invitation": str(uuid4()), "key": key, "sealed": b64u_encode(bytes(100))}
    assert post("/api/v1/enrolment", sent).refusal() == (404, "invitation_unknown")
    assert post("/api/v1/enrolment", sent | {"key": str(uuid4())}).refusal() == (404, "invitation_unknown")
