"""What security keys answer: whatever is wrong about an answer, it is refused, and counted like a wrong password."""

import json
import time
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django_scopes import scopes_disabled

from accounts.models import Session
from accounts.services import (
    second_factor_check,
    second_factor_show,
    security_key_begin,
    security_key_challenge,
    security_key_confirm,
    security_key_remove,
)
from sealpost.crypto.encoding import b64u_decode, b64u_encode
from tests.accounts.client import ORIGIN
from tests.accounts.conftest import organisation
from tests.accounts.security_key import QuickPerson, SoftwareKey, add, check, events, keys_kept
from tests.accounts.test_second_factor import Person
from tests.refusal import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def aster(db):
    return organisation("Aster")


@pytest.fixture
def person(aster) -> Person:
    return QuickPerson(aster)


@pytest.fixture
def key() -> SoftwareKey:
    return SoftwareKey()


@pytest.fixture
def enrolled(person, key) -> Person:
    """A person whose only factor is the key."""
    add(person.peer(), key)
    return person


def test_what_the_browser_is_handed(person, key):
    peer = person.peer()
    options = security_key_begin(peer=peer, origin=ORIGIN)
    assert options["rp"] == {"name": "Sealpost", "id": "exchange.example"}
    assert b64u_decode(options["user"]["id"]) == peer.user.id.bytes
    assert len(b64u_decode(options["challenge"])) == 32
    assert (options["attestation"], options["timeout"], options["excludeCredentials"]) == ("none", 120_000, [])
    assert options["authenticatorSelection"]["userVerification"] == "discouraged"
    answer = key.create(options)
    security_key_confirm(peer=peer, name="Blue", untrusted_credential=answer, origin=ORIGIN)
    described = [{"id": b64u_encode(key.id), "type": "public-key", "transports": ["usb"]}]
    assert security_key_begin(peer=peer, origin=ORIGIN)["excludeCredentials"] == described
    asked = security_key_challenge(peer=peer, origin=ORIGIN)
    assert (asked["rpId"], asked["userVerification"], asked["timeout"]) == ("exchange.example", "discouraged", 120_000)
    assert asked["allowCredentials"] == described
    assert asked["challenge"] != options["challenge"]


WRONG_ANSWERS = {
    "another origin": {"origin": "https://exchange.example.evil.example"},
    "another port": {"origin": "https://exchange.example:8443"},
    "no TLS": {"origin": "http://exchange.example"},
    "another host's key": {"rp_id": "evil.example"},
    "nobody was there": {"flags": 0},
    "a registration": {"kind": "webauthn.create"},
    "within another site": {"cross_origin": True},
    "another key's signature": {"private": ec.generate_private_key(ec.SECP256R1())},
    "another person's handle": {"handle": uuid4()},
}


@pytest.mark.parametrize("bent", WRONG_ANSWERS.values(), ids=WRONG_ANSWERS)
def test_a_wrong_answer_is_refused_and_counted(enrolled, key, bent):
    peer = enrolled.peer()
    for _ in range(5):
        with refused("security_key_refused"):
            check(peer, key, **bent)
    with refused("sign_in_paused"):
        check(peer, key)
    assert peer.second_factor_due
    cache.clear()
    check(peer, key, handle=peer.user.id)


WRONG_BITS = ("authenticatorData", "signature", "clientDataJSON")


@pytest.mark.parametrize("member", WRONG_BITS)
def test_no_bit_of_an_answer_may_change(enrolled, key, member):
    peer = enrolled.peer()
    options = security_key_challenge(peer=peer, origin=ORIGIN)
    answer = key.get(options)
    whole = b64u_decode(answer["response"][member])
    for at in range(0, len(whole), 7):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        bent = answer | {"response": answer["response"] | {member: b64u_encode(changed)}}
        cache.clear()
        cache.set(f"security-key:get:{peer.session_id}:{options['challenge']}", 1, 60)
        with pytest.raises(Exception) as raised:
            second_factor_check(peer=peer, untrusted_credential=bent, origin=ORIGIN)
        assert raised.value.code in {"security_key_refused", "security_key_stale"}
    cache.clear()
    cache.set(f"security-key:get:{peer.session_id}:{options['challenge']}", 1, 60)
    second_factor_check(peer=peer, untrusted_credential=answer, origin=ORIGIN)


MALFORMED = {
    "nothing": {},
    "no response": {"id": "AA", "rawId": "AA", "type": "public-key"},
    "texts": {"id": 7, "rawId": [], "type": "public-key", "response": "x"},
    "not base64url": {"id": "AA", "response": {"clientDataJSON": "+++="}},
    "not JSON": {"id": "AA", "response": {"clientDataJSON": b64u_encode(b"{")}},
    "a list": {"id": "AA", "response": {"clientDataJSON": b64u_encode(b"[]")}},
    "a long one": {"id": "AA", "response": {"clientDataJSON": b64u_encode(b" " * 10_000)}},
    "a short challenge": {
        "id": "AA",
        "response": {"clientDataJSON": b64u_encode(json.dumps({"type": "", "challenge": "AA", "origin": ""}).encode())},
    },
}


@pytest.mark.parametrize("answer", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_answer_is_refused(enrolled, person, answer):
    peer = enrolled.peer()
    with refused("security_key_stale"):
        second_factor_check(peer=peer, untrusted_credential=answer, origin=ORIGIN)


@pytest.mark.parametrize("missing", ["id", "rawId", "type"])
def test_an_answer_to_our_challenge_that_lacks_something_is_refused(enrolled, key, missing):
    peer = enrolled.peer()
    answer = key.get(security_key_challenge(peer=peer, origin=ORIGIN))
    with pytest.raises(Exception) as raised:
        second_factor_check(
            peer=peer, untrusted_credential={name: v for name, v in answer.items() if name != missing}, origin=ORIGIN
        )
    assert raised.value.code in {"security_key_refused", "security_key_stale"}


def test_a_challenge_serves_once_and_for_its_session_and_purpose_alone(enrolled, key):
    first, second = enrolled.peer(), enrolled.peer()
    answer = key.get(security_key_challenge(peer=first, origin=ORIGIN))
    with refused("security_key_stale"):
        second_factor_check(peer=second, untrusted_credential=answer, origin=ORIGIN)
    second_factor_check(peer=first, untrusted_credential=answer, origin=ORIGIN)
    with refused("security_key_stale"):
        second_factor_check(peer=first, untrusted_credential=answer, origin=ORIGIN)
    create = security_key_begin(peer=first, origin=ORIGIN)
    with refused("security_key_stale"):
        answer = key.get(create | {"rpId": create["rp"]["id"]})
        second_factor_check(peer=first, untrusted_credential=answer, origin=ORIGIN)
    check(first, key)


def test_a_wrong_answer_uses_its_challenge_up(enrolled, key):
    peer = enrolled.peer()
    options = security_key_challenge(peer=peer, origin=ORIGIN)
    with refused("security_key_refused"):
        second_factor_check(peer=peer, untrusted_credential=key.get(options, flags=0), origin=ORIGIN)
    with refused("security_key_stale"):
        second_factor_check(peer=peer, untrusted_credential=key.get(options), origin=ORIGIN)


def test_a_challenge_ends_after_two_minutes(enrolled, key):
    peer = enrolled.peer()
    options = security_key_challenge(peer=peer, origin=ORIGIN)
    name = f"security-key:get:{peer.session_id}:{options['challenge']}"
    assert cache.touch(name, 1)  # as if it had been there for 119 seconds
    time.sleep(1.5)
    with refused("security_key_stale"):
        second_factor_check(peer=peer, untrusted_credential=key.get(options), origin=ORIGIN)


@pytest.mark.parametrize("count", [0, 4, 5])
def test_a_count_that_does_not_rise_is_a_copy_s(enrolled, key, count):
    check(enrolled.peer(), key, count=5)
    peer = enrolled.peer()
    with refused("security_key_cloned"):
        check(peer, key, count=count)
    (row,) = keys_kept()
    assert [event.details for event in events("second_factor.key_cloned")] == [{"key": str(row.id)}]
    with scopes_disabled():
        assert Session.objects.get(id=peer.session_id).second_factor_due
    check(peer, key, count=6)


def test_a_forged_count_is_a_wrong_answer_and_no_copy(enrolled, key):
    check(enrolled.peer(), key, count=5)
    with refused("security_key_refused"):
        check(enrolled.peer(), key, count=1, private=ec.generate_private_key(ec.SECP256R1()))
    assert events("second_factor.key_cloned") == []


def test_another_person_s_key_does_not_pass(aster, enrolled, key):
    other = QuickPerson(aster)
    theirs = SoftwareKey()
    add(other.peer(), theirs)
    peer = enrolled.peer()
    answer = theirs.get(security_key_challenge(peer=peer, origin=ORIGIN))
    with refused("security_key_refused"):
        second_factor_check(peer=peer, untrusted_credential=answer, origin=ORIGIN)
    (mine, _) = keys_kept()
    with refused("not_found"):
        security_key_remove(peer=other.peer(), key_id=mine.id, code="1")


WRONG_KEYS = {
    "another origin": {"origin": "https://evil.example"},
    "another host": {"rp_id": "evil.example"},
    "an assertion": {"kind": "webauthn.get"},
    "nobody was there": {"flags": 0},
    "within another site": {"cross_origin": True},
    "an algorithm not asked for": {"public": {3: -47}},
    "a point off the curve": {"public": {-2: bytes(32), -3: bytes(32)}},
    "its maker's attestation": {"signed_by": "its maker"},
    "one that signs nothing": {"attestation": {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"y"}}},
    "an unknown one": {"attestation": {"fmt": "other", "attStmt": {}}},
    "no key in it": {"attestation": {"authData": bytes(37)}},
}


@pytest.mark.parametrize("bent", WRONG_KEYS.values(), ids=WRONG_KEYS)
def test_a_key_that_answers_otherwise_is_not_added(person, key, bent):
    peer = person.peer()
    with refused("security_key_invalid"):
        add(peer, key, **bent)
    assert keys_kept() == []
    assert not second_factor_show(peer=peer)["enrolled"]


def test_what_a_key_signs_for_itself_is_taken(person, key):
    add(person.peer(), key, signed_by="itself")
    assert len(keys_kept()) == 1


def test_a_registration_serves_once_and_for_its_session_alone(person, key):
    peer, other = person.peer(), person.peer()
    answer = key.create(security_key_begin(peer=peer, origin=ORIGIN))
    with refused("security_key_stale"):
        security_key_confirm(peer=other, name="A", untrusted_credential=answer, origin=ORIGIN)
    security_key_confirm(peer=peer, name="A", untrusted_credential=answer, origin=ORIGIN)
    with refused("security_key_stale"):
        security_key_confirm(peer=peer, name="B", untrusted_credential=answer, origin=ORIGIN)
