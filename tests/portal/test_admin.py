"""The operators' pages: behind a second factor; figures, states and moves, and no content by any address of them."""

import json
import re
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User as Operator
from django.core.management import call_command
from django.test import Client
from django.urls import clear_url_caches
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent, Session, SharedKey, Tenant, User
from exchange.models import Job, Switch
from exchange.services import job_run
from tests.canary import codings
from tests.portal.conftest import CONTENT_BYTES, WORDS, World, delivered, message, upload
from tests.portal.operators import HOME, Desk, desk
from tests.portal.routes import operator_routes
from vault.services import ring_shred

pytestmark = pytest.mark.django_db
LOGIN = f"{HOME}login/"


@pytest.fixture
def ops(db) -> Desk:
    return desk()


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
    return [*markers, *asked.values(), hold["reason"], "Stamp-of-the-canary", passphrase]


def test_no_address_of_them_shows_what_people_exchange_or_any_secret(ops, world: World):
    markers = [marker.encode() for marker in planted(world)]
    markers += [person.shared_key for person in (world.owner, world.reader)]
    with scopes_disabled():
        markers += [bytes(row.wrapped_shared_key) for row in SharedKey.objects.exclude(wrapped_shared_key=b"")]
    pages = ops.walk()
    assert len(pages) > 150
    needles = [coding.decode("latin-1") for marker in markers for coding in codings(marker).values()]
    assert [path for path, page in pages.items() for needle in needles if needle in page] == []
    assert [path for path, page in pages.items() if world.owner.login in page], "the walk sees what is shown"
    for name in ("accounts/tenant", "accounts/user", "exchange/job", "exchange/delivery", "vault/keyring"):
        assert any(path.startswith(f"/admin/{name}/") for path in pages), name


def test_there_is_no_address_to_make_change_delete_or_impersonate(ops, world: World):
    """By absence of code: no route of such a kind is there, whatever is asked of it."""
    names = operator_routes()
    assert len(names) > 25
    for word in ("/add", "delete", "/password", "impersonate", "login_as", "recipient", "content", "download"):
        assert [route for route in names if word in route and "password_change" not in route] == [], word
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


def viewed(tenant_id: UUID) -> list[dict]:
    with scopes_disabled():
        rows = AuditEvent.objects.filter(tenant_id=tenant_id, action="operator.viewed").order_by("seq")
        return [row.details for row in rows]


def test_what_an_operator_looks_at_stands_in_the_log_of_whose_it_is(ops, world: World):
    aster, cedar = world.tenants["aster"], world.tenants["cedar"]
    ops.get(f"/admin/accounts/tenant/{aster}/")
    (said,) = viewed(aster)
    assert said["operator"] == ops.number
    assert viewed(cedar) == []
    ops.get(f"/admin/accounts/tenant/{aster}/")
    assert len(viewed(aster)) == 1, "once in ten minutes"
    ops.get("/admin/accounts/user/")
    assert viewed(cedar), "a list shows rows of all"
    page = world.admin.ask("GET", "/audit").body.decode()
    assert f"perator {ops.number}" in page, "visible to the organisation's admins"


def test_an_organisation_is_suspended_and_resumed_with_a_reason(ops, world: World):
    place = f"/admin/accounts/tenant/{world.tenants['aster']}/"
    assert 'name="reason"' in ops.get(f"{place}suspend/")
    reason = re.search(r'<option value="([a-z_]+)"', ops.get(f"{place}suspend/"))[1]
    assert ops.post(f"{place}suspend/", reason=reason).status_code == 302
    with scopes_disabled():
        assert Tenant.objects.get(id=world.tenants["aster"]).state == "suspended"
    assert world.owner.ask("GET", "/api/v1/inbox").refusal() == (401, "session_unknown")
    assert ops.post(f"{place}resume/", reason=reason).status_code == 302
    with scope(tenant=Tenant(id=world.tenants["aster"])):
        moves = [event.details for event in AuditEvent.objects.filter(action="tenant.moved").order_by("seq")]
    assert [(move["to"], move["operator"], move["reason"]) for move in moves] == [
        ("suspended", ops.number, reason), ("active", ops.number, reason),
    ]  # fmt: skip


def test_a_new_passphrase_takes_two_operators(ops, world: World):
    person = f"/admin/accounts/user/{world.places['person']}/"
    assert ops.post(f"{person}reissue/").status_code == 302
    alone = ops.post(f"{person}approve/")
    assert alone.status_code == 409
    assert b"-" not in re.findall(rb"<code[^>]*>([a-z-]+)</code>", alone.content)
    second = desk("second")
    shown = second.post(f"{person}approve/").content.decode()
    passphrase = re.search(r"[a-z2-7A-Z]{4}(?:-[a-z2-7A-Z]{4}){12}|[a-z]+(?:-[a-z]+){5}", shown)
    assert passphrase, "shown once, to the second"
    assert passphrase[0] not in second.get(person)
    assert world.teammate.ask("GET", "/api/v1/inbox").refusal() == (401, "session_unknown")


def test_somebody_is_signed_out_everywhere(ops, world: World):
    assert ops.post(f"/admin/accounts/user/{world.places['person']}/sign-out/").status_code == 302
    with scopes_disabled():
        assert not Session.objects.filter(user_id=world.places["person"], ended_at=None).exists()


def test_drained_workers_take_no_job_and_go_on_afterwards(ops, world: World):
    sent = message(world.owner, [world.reader.login], uploads=[upload(world.owner)]).members
    assert ops.post("/admin/exchange/switch/jobs/off/").status_code == 302
    with scopes_disabled():
        job = Job.objects.get(message_id=sent["id"])
    job_run(job_id=job.id)
    shown = world.owner.ask("GET", f"/api/v1/outbox/{sent['id']}").members["job"]
    assert (shown["state"], shown["code"]) == ("queued", "jobs_off")
    assert ops.post("/admin/exchange/switch/jobs/on/").status_code == 302
    job_run(job_id=job.id)
    assert world.owner.ask("GET", f"/api/v1/outbox/{sent['id']}").members["job"]["state"] == "done"


def test_a_step_that_is_switched_off_is_refused_and_holds_what_was_on_its_way(ops, world: World):
    step = {"step": "file.scrub", "parameters": {}}
    given = {"uploads": [upload(world.owner)], "steps": [step]}
    sent = message(world.owner, [world.reader.login], **given).members
    assert ops.post("/admin/exchange/switch/step:file.scrub/off/").status_code == 302
    assert message(world.owner, [world.reader.login], steps=[step]).refusal()[1] == "step_switched_off"
    with scopes_disabled():
        job_run(job_id=Job.objects.get(message_id=sent["id"]).id)
    held = world.owner.ask("GET", f"/api/v1/outbox/{sent['id']}").members["job"]
    assert (held["state"], held["code"]) == ("held", "step_off")
    assert ops.post("/admin/exchange/switch/step:file.scrub/on/").status_code == 302
    with scopes_disabled():
        assert not Switch.objects.exists()
        assert Job.objects.get(message_id=sent["id"]).state == "queued", "tried again by itself"
    assert ops.http.get("/admin/exchange/switch/step:no.such/off/").status_code == 404


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
