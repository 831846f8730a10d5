"""Every refusal is a problem document with a code and a sentence, whatever refuses; nothing tells of the inside."""

import pytest

from portal.errors import InternalError
from tests.portal.caller import PROBLEM, plain
from tests.portal.conftest import World
from vault.services import ring_cache_clear

pytestmark = pytest.mark.django_db
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/me", "/api/v1/me/", "/nothing", "/static/nothing.js"])
def test_an_unknown_address_is_not_found(people: World, path):
    answer = people.owner.ask("GET", path)
    assert answer.refusal() == (404, "not_found")
    assert answer.sealed


@pytest.mark.parametrize("path", ["/nothing", "/static/nothing.js", "/api/v1/enrolment/nothing", "/inbox/not-an-id"])
def test_an_unknown_address_is_not_found_for_strangers(db, path):
    assert plain("GET", path).refusal() == (404, "not_found")


def test_who_navigates_to_an_unknown_address_gets_the_shell_which_tells_it(db):
    answer = plain("GET", "/nothing", headers=BROWSER)
    assert answer.status == 404
    assert answer.body == plain("GET", "/signin", headers=BROWSER).body
    for path in ("/api/v1/enrolment/nothing", "/static/nothing.js"):
        assert plain("GET", path, headers=BROWSER).refusal() == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/me"),
        ("DELETE", "/api/v1/inbox"),
        ("PATCH", "/api/v1/messages"),
        ("OPTIONS", "/api/v1/me"),
        ("POST", "/inbox"),
        ("DELETE", "/compose"),
        ("TRACE", "/api/v1/me"),
    ],
)
def test_a_wrong_method_is_refused(people: World, method, path):
    answer = people.owner.ask(method, path)
    assert answer.refusal() == (405, "method_not_allowed")
    assert answer.sealed


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/handshake/start"),
        ("OPTIONS", "/api/v1/handshake/start"),
        ("POST", "/inbox"),
        ("PUT", "/signin"),
    ],
)
def test_a_wrong_method_is_refused_for_strangers(db, method, path):
    assert plain(method, path).refusal() == (405, "method_not_allowed")


def test_a_host_that_is_not_ours_is_refused(people: World):
    body = {"data": b'{"login": "a@b.example", "nonce": "' + b"A" * 43 + b'"}', "content_type": "application/json"}
    answer = plain("POST", "/api/v1/handshake/start", headers={"Host": "elsewhere.example"}, **body)
    assert answer.refusal() == (400, "host_unknown")
    request = people.owner.request("GET", "/api/v1/me")
    request["headers"]["Host"] = "elsewhere.example"
    assert people.owner.send(request).refusal() == (400, "host_unknown")


@pytest.mark.parametrize("accept", ["text/html", "image/png", "*/*", "nonsense"])
def test_no_accept_header_brings_out_another_form(people: World, accept):
    request = people.owner.request("POST", "/api/v1/recipients", b"{}")
    request["headers"]["Accept"] = accept
    assert people.owner.send(request).headers["Content-Type"] == PROBLEM


def test_a_content_type_that_is_none_of_ours_is_refused(people: World):
    for kind in ("text/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""):
        request = people.owner.request("POST", "/api/v1/recipients", b"<a/>", content_type=kind)
        assert people.owner.send(request).refusal() in {(400, "bad_request"), (422, "field_invalid")}


def test_a_cache_that_is_away_is_a_sentence_with_a_reference(people: World, settings, caplog):
    request = people.owner.request("GET", "/api/v1/me")
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "unix:///nowhere/valkey.sock"}}
    for answer in (people.owner.send(request), plain("GET", "/health")):
        assert answer.refusal() == (500, "internal_error")
        assert answer.members["detail"] == InternalError.sentence
        assert f"reference {answer.members['reference']}: ConnectionError in " in caplog.text
    assert "Traceback" not in caplog.text
    assert people.owner.login not in caplog.text


def test_a_root_key_that_is_away_says_nothing_of_its_place(people: World, settings, tmp_path):
    request = people.owner.request("GET", "/api/v1/me")
    settings.SEALPOST_VAULT_ROOT = tmp_path / "root.key"
    ring_cache_clear()
    answer = people.owner.send(request)
    assert answer.refusal() == (503, "root_key_missing")
    assert str(tmp_path) not in answer.body.decode()


def test_strangers_send_little(db):
    body = b" " * (64 << 10)
    kind = {"content_type": "application/json"}
    answer = plain("POST", "/api/v1/handshake/start", data=body + b" ", **kind)
    assert answer.refusal() == (413, "body_too_large")
    assert answer.members["limit"] == 64 << 10
    assert plain("POST", "/api/v1/handshake/start", data=body, **kind).refusal() == (400, "bad_request")


@pytest.mark.parametrize(
    "header", ["bytes=5-2", "bytes=-5", "bytes=0-1,3-4", "lines=1-2", "bytes=999999-", "bytes=x-y"]
)
def test_a_range_that_is_not_there_is_refused(world: World, header):
    request = world.reader.request("GET", f"/api/v1/transfers/{world.places['transfer']}/content")
    request["headers"]["Range"] = header
    assert world.reader.send(request).refusal() == (416, "range_unsatisfiable")


def test_a_range_is_the_same_bytes_as_the_whole(world: World):
    path = f"/api/v1/transfers/{world.places['transfer']}/content"
    whole = world.reader.ask("GET", path)
    assert (whole.status, whole.headers["Accept-Ranges"], whole.sealed) == (200, "bytes", False)
    total = len(whole.body)
    for start, stop, asked in ((0, 1, "0-0"), (39, 41, "39-40"), (total - 1, total, f"{total - 1}-"), (0, total, "0-")):
        request = world.reader.request("GET", path)
        request["headers"]["Range"] = f"bytes={asked}"
        part = world.reader.send(request)
        assert (part.status, part.body) == (206, whole.body[start:stop])
        assert part.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{total}"
