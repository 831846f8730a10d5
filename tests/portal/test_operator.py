"""The operator's pages: behind a second factor, they list organisations and people and show no content anywhere."""

import json
import re
from urllib.parse import urljoin

import pytest
from django.contrib.auth.models import User as Operator
from django.core.management import call_command
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_scopes import scopes_disabled

from tests.canary import codings
from tests.portal.caller import answered, plain
from tests.portal.conftest import CONTENT_BYTES, WORDS, World
from vault.services import ring_shred

pytestmark = pytest.mark.django_db
HOME, LOGIN = "/operator/", "/operator/login/"
_HREF = re.compile(r'href="([^"]+)"')


@pytest.fixture
def operator(db, capsys) -> dict[str, str]:
    """Made by the command, as an operator makes one; the answer it printed."""
    call_command("operator_create", "ops", "--json")
    return json.loads(capsys.readouterr().out)


def token() -> str:
    device = TOTPDevice.objects.get()
    return f"{totp(device.bin_key, step=device.step, t0=device.t0, digits=device.digits):06d}"


def form(http: Client, **members: str):
    """The form of the sign-in, sent as a browser sends it."""
    page = http.get(LOGIN)
    hidden = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[1]
    return http.post(LOGIN, {"csrfmiddlewaretoken": hidden, "next": HOME} | members)


@pytest.fixture
def http(operator) -> Client:
    """Signed in with password and second factor."""
    http = Client(enforce_csrf_checks=True)
    answer = form(http, username="ops", password=operator["password"], otp_token=token())
    assert (answer.status_code, answer.headers["Location"]) == (302, HOME)
    return http


def walked(http: Client) -> dict[str, str]:
    """Every page that a link of Django admin leads to, sign-out excepted; of sorted and filtered lists each one way."""
    found: dict[str, str] = {}
    waiting = [HOME]
    while waiting:
        path = waiting.pop()
        if path in found or path.startswith(("/operator/logout", "/operator/password_change")):
            continue
        response = http.get(path)
        found[path] = response.content.decode() if response.status_code == 200 else ""
        assert response.status_code in {200, 302}, (path, response.status_code)
        links = [urljoin(path, link.replace("&amp;", "&")) for link in _HREF.findall(found[path])]
        waiting += [link for link in links if link.startswith(HOME) and not ("?" in path and "?" in link)]
    return found


def test_the_second_factor_is_asked_for(operator):
    http = Client(enforce_csrf_checks=True)
    for members in (
        {"password": operator["password"]},
        {"password": operator["password"], "otp_token": "000000"},
        {"password": "wrong", "otp_token": token()},
    ):
        assert form(http, username="ops", **members).status_code == 200
        assert http.get(HOME).status_code == 302


def test_organisations_and_people_are_listed(http, world: World):
    tenants, users = (http.get(f"/operator/accounts/{name}/").content.decode() for name in ("tenant", "user"))
    for name in ("Aster", "Birch", "Cedar"):
        assert name in tenants
    for person in (world.owner, world.teammate, world.reader, world.outsider):
        assert person.login in users


def test_no_page_shows_what_is_sent(http, world: World):
    pages = walked(http)
    assert len(pages) > 40
    for name in ("tenant", "user", "session", "connection", "auditevent"):
        shown = [path for path in pages if re.fullmatch(f"/operator/accounts/{name}/[^/?]+/change/", path)]
        assert shown, name
    assert any("/history/" in path for path in pages)
    markers = [*WORDS.values(), CONTENT_BYTES[:21].decode(), world.places["sha256"]]
    with scopes_disabled():
        needles = [
            (marker, coding.decode("latin-1")) for marker in markers for coding in codings(marker.encode()).values()
        ]
    hits = [(path, marker) for path, page in pages.items() for marker, needle in needles if needle in page]
    assert hits == []
    assert [path for path, page in pages.items() if world.owner.login in page]  # the walk sees what is shown


def test_no_page_shows_a_key(http, world: World):
    pages = walked(http)
    secrets = [person.shared_key for person in (world.owner, world.reader)]
    needles = [coding.decode("latin-1") for secret in secrets for coding in codings(secret).values()]
    assert [path for path, page in pages.items() for needle in needles if needle in page] == []
    assert not [path for path in pages if re.search(r"sharedkey|invitation|enrolmentkey|exchange|vault", path)]


def test_nothing_can_be_changed_there(http, world: World):
    for name, identity in {"tenant": world.tenants["aster"], "session": world.places["session"]}.items():
        page = http.get(f"/operator/accounts/{name}/{identity}/change/").content.decode()
        assert 'name="_save"' not in page
        for path in (f"/operator/accounts/{name}/add/", f"/operator/accounts/{name}/{identity}/delete/"):
            assert http.get(path).status_code == 403
        hidden = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        changed = http.post(
            f"/operator/accounts/{name}/{identity}/change/", {"csrfmiddlewaretoken": hidden, "state": "x"}
        )
        assert changed.status_code == 403


def test_cookies_stay_below_the_operators_pages(http):
    """Messages too: after a change Django says what was done, by the session and not by a cookie of its own."""
    page = http.get("/operator/auth/user/add/").content.decode()
    hidden = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    password = "a long password of an operator"
    made = {"csrfmiddlewaretoken": hidden, "username": "second", "usable_password": "true"}
    answer = http.post("/operator/auth/user/add/", made | {"password1": password, "password2": password})
    assert answer.status_code == 302, answer.content.decode()
    assert Operator.objects.filter(username="second").exists()
    assert http.cookies
    for name, cookie in http.cookies.items():
        assert cookie["path"] == "/operator/", name
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Strict", name


def test_pages_of_operators_have_a_policy_without_inline_scripts(http, world: World):
    for path in (LOGIN, HOME, "/operator/accounts/user/", "/operator/auth/user/add/"):
        answer = http.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_operator_s_cookie_opens_nothing_of_the_portal(http, world: World):
    """Nothing but a signature does, even when a browser would send the cookie along."""
    for morsel in http.cookies.values():
        morsel["path"] = "/"
    for path in ("/api/v1/inbox", "/api/v1/me", f"/api/v1/outbox/{world.places['message']}"):
        assert answered(http.get(path)).refusal() == (401, "signature_missing")
    shell = http.get(f"/inbox/{world.places['message']}")
    assert shell.content == plain("GET", "/signin").body


def test_an_organisation_whose_keys_were_destroyed_does_not_hide_the_others(http, world: World):
    ring_shred(owner=f"tenant:{world.tenants['cedar']}")
    for name in ("tenant", "user", "session", "auditevent"):
        answer = http.get(f"/operator/accounts/{name}/")
        assert answer.status_code == 200, name
    tenants = http.get("/operator/accounts/tenant/").content.decode()
    assert "Aster" in tenants
    assert "Cedar" not in tenants
    assert str(world.tenants["cedar"]) in tenants


def test_an_unknown_page_of_operators_is_not_found(http):
    assert http.get("/operator/nothing/").status_code == 404
    assert http.get("/operator/accounts/tenant/?nothing__here=1").status_code in {302, 400}
