"""The operators' pages: behind a second factor; figures, states and moves, and no content by any address of them."""

import json
import re
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth.models import User as Operator
from django.core.management import call_command
from django.test import Client
from django.urls import clear_url_caches, get_resolver, resolve
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_scopes import scopes_disabled

from accounts.models import AuditEvent, Notification, SharedKey, Tenant, User
from exchange.models import Job
from portal.admin.site import site_make
from tests.canary import codings
from tests.portal.caller import answered, plain
from tests.portal.conftest import CONTENT_BYTES, WORDS, World, delivered, message, upload
from tests.portal.operators import HOME, Desk
from vault.services import ring_shred

pytestmark = pytest.mark.django_db
LOGIN = f"{HOME}login/"


def test_both_factors_are_asked_for(db, capsys):
    call_command("operator_create", "ops", "--json")
    password = json.loads(capsys.readouterr().out)["password"]
    device = TOTPDevice.objects.get()
    code = f"{totp(device.bin_key, step=device.step, t0=device.t0, digits=device.digits):06d}"
    one = Desk(Operator.objects.get())
    for wrong in (
        {"password": password}, {"password": password, "otp_token": "000000"},
        {"password": "wrong", "otp_token": code},
    ):  # fmt: skip
        assert one.post(LOGIN, username="ops", next=HOME, **wrong).status_code == 200
        assert one.http.get(HOME).status_code == 302
    TOTPDevice.objects.get().throttle_reset()  # a wrong code makes the next wait for a second
    assert one.post(LOGIN, username="ops", next=HOME, password=password, otp_token=code).status_code == 302
    assert one.http.get(HOME).status_code == 200


def test_organisations_and_people_are_listed(ops, world: World):
    tenants, users = (ops.get(f"/admin/accounts/{name}/") for name in ("tenant", "user"))
    for name in ("Aster", "Birch", "Cedar"):
        assert name in tenants
    for person in (world.owner, world.teammate, world.reader, world.outsider):
        assert person.login in users


def planted(world: World) -> list[str]:
    """Markers in every place where people write something, and secrets that only they hold."""
    markers = [*WORDS.values(), CONTENT_BYTES[:21].decode(), world.places["sha256"]]
    asked = {"title": "Title-of-the-canary", "note": "Plea-of-the-canary"}
    passphrase = world.owner.ask("POST", "/api/v1/requests", asked).members["passphrase"]
    hold = {"kind": "message", "target": world.places["message"], "reason": "Reason-of-the-canary"}
    assert world.admin.ask("POST", "/api/v1/holds", hold).status == 201
    step = {"step": "pdf.stamp", "parameters": {"text": "Stamp-of-the-canary"}}
    sent = message(world.owner, [world.reader.login], uploads=[upload(world.owner)], steps=[step])
    assert sent.status == 201, sent.body
    delivered()
    assert message(world.owner, [world.reader.login]).status == 201  # its job waits, and can be cancelled
    with scopes_disabled():
        Notification.objects.filter(tenant_id=world.tenants["birch"]).update(state=Notification.State.FAILED)
    texts = ["Stamp-of-the-canary", "Rule-of-the-canary"]
    rule = {"mandatory_steps": [{"step": "pdf.stamp", "parameters": {"text": texts[1]}}]}
    assert world.admin.ask("PUT", "/api/v1/policy", {"version": 0, "members": rule}).status == 200
    return [*markers, *asked.values(), hold["reason"], *texts, passphrase]


def test_no_address_of_them_shows_what_people_exchange_or_any_secret(ops, world: World):
    markers = [marker.encode() for marker in planted(world)]
    markers += [person.shared_key for person in (world.owner, world.reader)]
    with scopes_disabled():
        markers += [bytes(row.wrapped_shared_key) for row in SharedKey.objects.exclude(wrapped_shared_key=b"")]
    pages = ops.walk()
    assert len(pages) > 150
    for tenant in world.tenants.values():
        export = f"/admin/accounts/auditevent/export/?organisation={tenant}"
        pages[export] = ops.get(export)
        assert '"kind":"trailer"' in pages[export]
    needles = [coding.decode("latin-1") for marker in markers for coding in codings(marker).values()]
    assert [path for path, page in pages.items() for needle in needles if needle in page] == []
    assert [path for path, page in pages.items() if world.owner.login in page], "the walk sees what is shown"
    walked = {resolve(urlsplit(path).path).route for path in pages}
    assert names() - walked == UNWALKED


# Answered to POST alone, which a test of its own sends, or without a word of anybody.
UNWALKED = {
    "admin/accounts/auditevent/filter/", "admin/vault/storedobject/count/", "admin/login/", "admin/logout/",
    "admin/password_change/done/", "admin/jsi18n/", "admin/(?P<url>.*)$",
}  # fmt: skip


def test_lists_are_asked_by_nothing_but_the_filters_that_they_show(ops, people: World):
    """A column that no page shows, sealed or not, is not to be guessed by an address."""
    asked = 0
    for model, page in site_make()._registry.items():
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        filters = {one if isinstance(one, str) else one[0] for one in page.list_filter if isinstance(one, str | tuple)}
        for column in model._meta.fields:
            if column.name not in filters and not path.endswith(("/switch/", "/storedobject/")):
                assert ops.http.get(f"{path}?{column.name}__isnull=0").status_code == 400, (path, column.name)
                asked += 1
    assert asked > 60


def names(patterns=None, prefix: str = "admin/") -> set[str]:
    """Every address of the operators' pages."""
    if patterns is None:
        (entry,) = [one for one in get_resolver().url_patterns if str(one.pattern) == prefix]
        patterns = entry.url_patterns
    found = set()
    for one in patterns:
        route = prefix + str(one.pattern)
        found |= names(one.url_patterns, route) if hasattr(one, "url_patterns") else {route}
    return found


def test_there_is_no_address_to_make_change_delete_or_impersonate(ops, world: World):
    """By absence of code: no route of such a kind is there, whatever is asked of it."""
    assert len(names()) > 25
    for word in ("/add", "delete", "/password", "impersonate", "login_as", "recipient", "content", "download"):
        assert [route for route in names() if word in route and "password_change" not in route] == [], word
    identity = world.tenants["aster"]
    for path in (
        "/admin/accounts/tenant/add/", f"/admin/accounts/tenant/{identity}/delete/", "/admin/accounts/user/add/",
        "/admin/auth/user/", "/admin/exchange/message/", "/admin/exchange/document/", "/admin/accounts/sharedkey/",
        f"/admin/exchange/message/{world.places['message']}/", "/admin/accounts/auditevent/add/",
    ):  # fmt: skip
        assert ops.http.get(path).status_code == 404, path


def test_rows_take_no_form(ops, world: World):
    """What a page shows is not changed by sending it back."""
    with scopes_disabled():
        before = list(Tenant.objects.order_by("id").values()), list(AuditEvent.objects.order_by("id").values("hash"))
        person, event = User.objects.first().id, AuditEvent.objects.first().id
        job = Job._base_manager.first().id
    token = ops.http.cookies["csrftoken"].value if "csrftoken" in ops.http.cookies else ""
    for path in (
        f"/admin/accounts/tenant/{world.tenants['aster']}/", f"/admin/accounts/user/{person}/",
        f"/admin/accounts/auditevent/{event}/", f"/admin/exchange/job/{job}/",
    ):  # fmt: skip
        members = {"csrfmiddlewaretoken": token, "state": "closed", "role": "admin", "_save": "Save"}
        assert ops.http.post(path, members).status_code in {403, 404, 405}, path
    with scopes_disabled():
        assert before[0] == list(Tenant.objects.order_by("id").values())


def test_cookies_stay_below_the_operators_pages(ops):
    ops.get(HOME)
    ops.post("/admin/exchange/switch/jobs/off/")
    made = {name: cookie for name, cookie in ops.http.cookies.items() if cookie["path"]}
    assert "csrftoken" in made
    for name, cookie in made.items():
        if name != "sessionid":  # the test's own shortcut has set that one
            assert (cookie["path"], bool(cookie["httponly"]), cookie["samesite"]) == (HOME, True, "Strict"), name


def test_pages_of_operators_have_a_policy_without_inline_scripts(ops, world: World):
    for path in (LOGIN, HOME, "/admin/accounts/user/", "/admin/exchange/job/"):
        answer = ops.http.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert b" style=" not in answer.content
        assert not re.search(rb"<script(?![^>]* src=)", answer.content)


def test_an_operator_s_cookie_opens_nothing_of_the_portal(ops, world: World):
    """Nothing but a signature does, even when a browser would send the cookie along."""
    for morsel in ops.http.cookies.values():
        morsel["path"] = "/"
    for path in ("/api/v1/inbox", "/api/v1/me", f"/api/v1/outbox/{world.places['message']}"):
        assert answered(ops.http.get(path)).refusal() == (401, "signature_missing")
    assert ops.http.get(f"/inbox/{world.places['message']}").content == plain("GET", "/signin").body


def test_an_organisation_whose_keys_were_destroyed_does_not_hide_the_others(ops, world: World):
    ring_shred(owner=f"tenant:{world.tenants['cedar']}")
    for name in ("accounts/tenant", "accounts/user", "accounts/auditevent", "vault/keyring", "exchange/job"):
        ops.get(f"/admin/{name}/")
    tenants = ops.get("/admin/accounts/tenant/")
    assert "Aster" in tenants
    assert "Cedar" not in tenants
    assert str(world.tenants["cedar"]) in tenants


@pytest.mark.parametrize("page", ["", "accounts/tenant/", "accounts/user/", "exchange/job/", "exchange/delivery/"])
def test_a_page_costs_the_same_queries_however_many_rows(ops, world: World, page, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    path = HOME + page
    ops.get(path)
    with CaptureQueriesContext(connection) as captured:
        ops.get(path)
    few = len(captured)
    for _ in range(5):
        assert message(world.owner, [world.reader.login, world.teammate.login]).status == 201
    delivered()
    ops.get(path)
    with django_assert_max_num_queries(few):
        ops.get(path)


def test_an_unknown_page_of_operators_is_not_found(ops):
    assert ops.http.get("/admin/nothing/").status_code == 404
    assert ops.http.get("/admin/accounts/tenant/?nothing__here=1").status_code in {302, 400}
    assert ops.http.get(f"/admin/accounts/tenant/{uuid4()}/").status_code in {302, 404}


def test_the_pages_are_off_by_a_setting(settings):
    settings.SEALPOST_ADMIN = False
    from importlib import reload

    import portal.urls

    try:
        reload(portal.urls)
        clear_url_caches()
        http = Client()
        for path in (HOME, LOGIN, "/admin/accounts/tenant/"):
            assert http.get(path).status_code == 404, path
    finally:
        settings.SEALPOST_ADMIN = True
        reload(portal.urls)
        clear_url_caches()
