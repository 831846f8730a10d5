"""A session that has not passed its second factor gets no further than to pass it, at any address."""

import re
from uuid import uuid4

import pytest
from django_scopes import scopes_disabled

from accounts.models import Session
from tests.accounts.test_second_factor import code_of
from tests.portal.test_routes import PUBLIC, routes

pytestmark = pytest.mark.django_db
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
