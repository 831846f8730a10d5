"""The operators' pages: behind a second factor; figures, states and moves, and no content by any address of them."""

import json
import re
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.models import User as Operator
from django.core.management import call_command
from django.db.models import BinaryField
from django.test import Client
from django.urls import clear_url_caches, resolve
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_scopes import scopes_disabled

from accounts.models import Notification
from accounts.sealed import SealedText
from tests.canary import codings
from tests.portal.conftest import CONTENT_BYTES, WORDS, World, delivered, message, upload
from tests.portal.operators import HOME, Desk
from tests.portal.routes import operator_routes
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
    """Markers in places where people write something that no model keeps as it is, and secrets that only they hold."""
    asked = {"title": "Title-of-the-canary", "note": "Plea-of-the-canary"}
    passphrase = world.owner.ask("POST", "/api/v1/requests", asked).members["passphrase"]
    hold = {"kind": "message", "target": world.places["message"], "reason": "Reason-of-the-canary"}
    assert world.admin.ask("POST", "/api/v1/holds", hold).status == 201
    saved, stamped, ruled = ({"step": "pdf.stamp", "parameters": {"text": f"{name}-of-the-canary"}} for name in STAMPS)
    instruction = {"name": "Instruction-of-the-canary", "steps": [saved]}
    assert world.admin.ask("POST", "/api/v1/pipelines", instruction).status == 201
    sent = message(world.owner, [world.reader.login], uploads=[upload(world.owner)], steps=[stamped])
    assert sent.status == 201, sent.body
    delivered()
    assert message(world.owner, [world.reader.login]).status == 201  # its job waits, and can be cancelled
    with scopes_disabled():
        Notification.objects.filter(tenant_id=world.tenants["birch"]).update(state=Notification.State.FAILED)
    rule = {"mandatory_steps": [ruled]}
    assert world.admin.ask("PUT", "/api/v1/policy", {"version": 0, "members": rule}).status == 200
    texts = [f"{name}-of-the-canary" for name in STAMPS]
    return [*WORDS.values(), CONTENT_BYTES[:21].decode(), *asked.values(), *texts, hold["reason"], passphrase]


STAMPS = ("Saved", "Stamp", "Rule")
# Shown there: who people are, and what an export proves the log by.
SHOWN = {"Tenant.name", "User.name", "User.login", "AuditEvent.hash", "AuditEvent.previous", "AuditCheckpoint.root",
         "AuditCheckpoint.signature", "SigningKey.public"}  # fmt: skip


def kept() -> dict[str, set[bytes]]:
    """`Model.member` → every text that the database holds sealed, opened; every value of bytes: keys, wraps, seals."""
    found: dict[str, set[bytes]] = {}
    with scopes_disabled():
        for model in apps.get_models():
            columns = [column.name for column in model._meta.fields if isinstance(column, BinaryField)]
            texts = [name for name, one in vars(model).items() if isinstance(one, SealedText)]
            for row in model._base_manager.all() if columns else ():
                for name in columns:
                    found.setdefault(f"{model.__name__}.{name}", set()).add(bytes(getattr(row, name) or b""))
                for name in texts:
                    found.setdefault(f"{model.__name__}.{name}", set()).add(getattr(row, name).encode())
    return found


def test_no_address_of_them_shows_what_people_exchange_or_any_secret(ops, world: World):
    markers = {"planted": {marker.encode() for marker in planted(world)}}
    markers["keys of people"] = {person.shared_key for person in (world.owner, world.reader)}
    pages = ops.walk()
    assert len(pages) > 150
    for tenant in world.tenants.values():
        export = f"/admin/accounts/auditevent/export/?organisation={tenant}"
        pages[export] = ops.get(export)
        assert '"kind":"trailer"' in pages[export]
    held = kept()
    allowed = set().union(*(held[name] for name in SHOWN))
    markers |= {name: {one for one in held[name] - allowed if len(one) > 6} for name in held.keys() - SHOWN}
    assert {"KeyVersion.wrapped", "ObjectKey.wrapped", "SharedKey.wrapped_shared_key"} <= held.keys()
    assert {"Message.subject", "Document.name", "Pipeline.name", "PipelineVersion.steps"} <= held.keys()
    lines = "\n".join({line for page in pages.values() for line in page.splitlines()})
    needles = {
        (name, coding): text.decode("latin-1")
        for name, some in markers.items() for marker in some for coding, text in codings(marker).items()
    }  # fmt: skip
    assert [found for found, needle in needles.items() if needle in lines] == []
    assert [path for path, page in pages.items() if world.owner.login in page], "the walk sees what is shown"
    walked = {resolve(urlsplit(path).path).route for path in pages}
    assert operator_routes() - walked == UNWALKED


# Answered to POST alone, which a test of its own sends, or without a word of anybody.
UNWALKED = {
    "admin/accounts/auditevent/filter/", "admin/vault/storedobject/count/", "admin/login/", "admin/logout/",
    "admin/password_change/done/", "admin/jsi18n/", "admin/(?P<url>.*)$",
}  # fmt: skip


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
