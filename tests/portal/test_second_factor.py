"""A session that has not passed its second factor gets no further than to pass it, at any address."""

import re
from uuid import uuid4

import pytest
from django_scopes import scopes_disabled

from accounts.models import Session
from tests.accounts.security_key import SoftwareKey
from tests.accounts.test_second_factor import code_of
from tests.portal.caller import ORIGIN
from tests.portal.routes import PUBLIC, routes

pytestmark = pytest.mark.django_db
FACTOR = "/api/v1/second-factor"
OPEN = {"api/v1/me", "api/v1/password", "password", "api/v1/sessions/<uuid:session_id>", "second-factor"}


def demanded(person) -> None:
    with scopes_disabled():
        Session.objects.filter(id=person.session).update(second_factor_due=True)


def test_every_address_but_those_that_pass_it_refuses(people):
    demanded(people.owner)
    for method, route in routes():
        if route in PUBLIC | OPEN or route.startswith("api/v1/second-factor"):
            continue
        path = "/" + re.sub("<int:[a-z_]+>", "0", re.sub("<uuid:[a-z_]+>", str(uuid4()), route))
        if not route.startswith("api/") and method == "GET" and route in {"", "signin", "enrol"}:
            continue
        answer = people.owner.ask(method, path, {} if method in {"POST", "PUT", "PATCH"} else None)
        assert answer.refusal() == (403, "second_factor_due"), (method, route)


def test_a_key_is_added_and_passes_over_the_api(people):
    owner, key = people.owner, SoftwareKey()
    options = owner.ask("POST", f"{FACTOR}/keys", {}).members["options"]
    body = {"name": "Blue key", "credential": key.create(options, origin=ORIGIN)}
    added = owner.ask("POST", f"{FACTOR}/keys/confirm", body).members
    assert len(added["recovery_codes"]) == 10
    demanded(owner)
    for method, path, members in (
        ("GET", "keys", None), ("POST", "keys", {}), ("PATCH", f"keys/{added['key']['id']}", {"name": "Mine"}),
    ):  # fmt: skip
        assert owner.ask(method, f"{FACTOR}/{path}", members).refusal() == (403, "second_factor_due")
    answer = key.get(owner.ask("POST", f"{FACTOR}/challenge", {}).members["options"], origin=ORIGIN)
    assert owner.ask("POST", f"{FACTOR}/check", {"credential": answer, "code": "1"}).refusal() == (422, "field_invalid")
    assert owner.ask("POST", f"{FACTOR}/check", {}).refusal() == (422, "field_invalid")
    assert owner.ask("POST", f"{FACTOR}/check", {"credential": answer}).members == {}
    (shown,) = owner.ask("GET", f"{FACTOR}/keys").members["keys"]
    assert shown["used_at"]
    renamed = owner.ask("PATCH", f"{FACTOR}/keys/{shown['id']}", {"name": "Red key"}).members
    assert renamed == shown | {"name": "Red key"}
    answer = key.get(owner.ask("POST", f"{FACTOR}/challenge", {}).members["options"], origin=ORIGIN)
    assert owner.ask("POST", f"{FACTOR}/keys/{shown['id']}/remove", {"credential": answer}).members == {}
    assert not owner.ask("GET", FACTOR).members["enrolled"]


def test_at_an_ip_address_the_api_says_that_keys_need_a_name(people, settings, monkeypatch):
    settings.SEALPOST_ORIGIN = "http://127.0.0.1:8000"
    monkeypatch.setattr("tests.portal.caller.ORIGIN", settings.SEALPOST_ORIGIN)
    answer = people.owner.ask("POST", f"{FACTOR}/keys", {})
    assert answer.refusal() == (409, "security_keys_unavailable")


def test_it_is_set_up_and_passed_over_the_api(people):
    demanded(people.owner)
    owner = people.owner
    assert owner.ask("GET", "/api/v1/me").members["second_factor"]["due"]
    begun = owner.ask("POST", "/api/v1/second-factor", {}).members
    assert begun["qr"].startswith("data:image/svg+xml;base64,")
    assert begun["secret"] in begun["uri"]
    confirmed = owner.ask("POST", "/api/v1/second-factor/confirm", {"code": code_of(begun["secret"])})
    assert len(confirmed.members["recovery_codes"]) == 10
    assert owner.ask("GET", "/api/v1/inbox").status == 200
    assert owner.ask("GET", "/api/v1/second-factor").members == {
        "enrolled": True, "totp": True, "keys": 0, "required": False, "due": False, "recovery_codes": 10,
    }  # fmt: skip
