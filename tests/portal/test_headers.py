"""Headers of every page, what a page may load, and cookies, of which there are none."""

import json
import re
from html.parser import HTMLParser

import pytest

from tests.portal.caller import plain
from tests.portal.conftest import World, delivered, message
from tests.portal.matrix import LINES, PERSONAS
from tests.portal.routes import PUBLIC, path_of, routes

pytestmark = pytest.mark.django_db
CSP = {
    "default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "connect-src 'self'", "style-src 'self'",
    "img-src 'self' blob: data:", "worker-src 'self'", "base-uri 'none'", "form-action 'none'",
    "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types default",
}  # fmt: skip
PAGES = [route for method, route in routes() if not route.startswith("api/") and route not in PUBLIC]


class Elements(HTMLParser):
    """Collects what a policy would have to forgive, and everything that a page loads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.loaded: list[str] = []
        self._script = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        members = dict(attrs)
        self._script = tag in {"script", "style"}
        if tag == "style" or "style" in members or (tag == "script" and "src" not in members):
            self.inline.append(tag)
        self.inline += [name for name in members if name.startswith("on")]
        self.inline += [value for value in members.values() if (value or "").strip().lower().startswith("javascript:")]
        if tag in {"script", "img", "link", "iframe", "source"}:
            self.loaded += [members[name] for name in ("src", "href") if members.get(name)]

    def handle_data(self, data):
        if self._script and data.strip():
            self.inline.append(data)

    def handle_endtag(self, tag):
        self._script = False


def policy(answer) -> set[str]:
    return {directive.strip() for directive in answer.headers["Content-Security-Policy"].split(";")}


def secured(answer) -> None:
    """What every answer carries."""
    assert policy(answer) == CSP
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("route", PAGES)
def test_every_shell_is_secured_and_the_same_for_everybody(db, route):
    path = path_of(route, "00000000-0000-4000-8000-000000000000") if "<" in route else f"/{route}"
    answer = plain("GET", path)
    secured(answer)
    assert answer.status == 200
    assert answer.body == plain("GET", "/signin").body


@pytest.mark.parametrize(
    "path", ["/", "/inbox", "/outbox", "/compose", "/sessions", "/api/v1/me", "/nothing", "/health"]
)
def test_every_answer_to_a_signed_request_is_secured(people: World, path):
    request = people.owner.request("GET", path)
    answer = people.owner.send(request)
    secured(answer)
    assert people.owner.http.cookies == {}


def test_refusals_are_secured_too(people: World):
    for answer in (
        plain("GET", "/api/v1/me"),
        plain("GET", "/nothing"),
        plain("POST", "/inbox"),
        plain("GET", "/health"),
    ):
        secured(answer)


@pytest.mark.parametrize("cookie", ["sessionid", "csrftoken", "messages"])
def test_a_cookie_authenticates_nobody(people: World, cookie):
    people.owner.http.cookies[cookie] = "x" * 32
    assert people.owner.http.get("/api/v1/me").json()["code"] == "signature_missing"


def test_pages_and_fragments_hold_nothing_inline_and_load_nothing_from_elsewhere(world: World):
    bodies = [plain("GET", "/inbox").body]
    bodies += [world.owner.ask("GET", path).body for path in ("/inbox", "/outbox", "/compose", "/sessions")]
    for line in LINES:
        if not line.route.startswith("api/") and line.names and world.places.keys() >= set(line.names):
            person = getattr(world, PERSONAS[line.letters.index("2")])
            answer = person.ask(line.method, path_of(line.route, *world.ids(line.names)))
            assert answer.status == 200
            bodies.append(answer.body)
    assert len(bodies) > 7
    for body in bodies:
        elements = Elements(body.decode())
        assert elements.inline == []
        assert not [source for source in elements.loaded if not re.match(r"(/static/|data:)", source)]


def test_the_search_for_inline_scripts_sees_one():
    for html in (
        "<script>x</script>",
        '<p onclick="x">',
        '<p style="x">',
        "<style>x</style>",
        '<a href=" JavaScript:x">',
    ):
        assert Elements(html).inline, html


def test_a_fragment_has_the_same_form_for_all_and_escapes_what_people_wrote(world: World):
    evil = "<img src=x onerror=alert(1)>\"'&"
    sent = message(world.owner, [world.reader.login], subject=evil, note=evil).members["id"]
    delivered()
    for person, path in ((world.reader, f"/inbox/{sent}"), (world.owner, f"/outbox/{sent}"), (world.reader, "/inbox")):
        answer = person.ask("GET", path)
        assert answer.status == 200
        assert Elements(answer.body.decode()).inline == []
        assert "<img src=x" not in answer.body.decode()
        assert "&lt;img src=x" in answer.body.decode()


def test_shells_hold_no_word_of_a_user(world: World):
    body = plain("GET", f"/inbox/{world.places['message']}").body.decode()
    for word in (world.reader.login, world.owner.login, world.places["message"], "canary"):
        assert word not in body


def test_health_tells_that_it_serves_and_nothing_else(db):
    answer = plain("GET", "/health")
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok"})


@pytest.mark.parametrize("name", ["portal.js", "portal.css", "engine-worker.js", "kdf-worker.js", "icons/sealpost.svg"])
def test_static_files_are_asked_for_again_each_time_and_carry_the_policy(db, name):
    answer = plain("GET", f"/static/{name}")
    assert answer.status == 200
    assert policy(answer) == CSP
    assert "max-age=0" in answer.headers["Cache-Control"]
    assert "Service-Worker-Allowed" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = plain("GET", f"/static/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_the_service_worker_may_serve_the_whole_portal(db):
    answer = plain("GET", "/static/sw.js")
    assert (answer.status, answer.headers["Service-Worker-Allowed"]) == (200, "/")
    assert answer.headers["Content-Type"].startswith("text/javascript")
