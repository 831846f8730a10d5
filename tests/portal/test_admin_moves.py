"""What operators do: to organisations and people, to jobs, with switches. Each stands in the log of whose row it is."""

import re

import pytest
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent, Session, Tenant
from exchange.models import Job, Switch
from exchange.services import job_run
from tests.portal.conftest import World, message, upload
from tests.portal.operators import Desk, desk

pytestmark = pytest.mark.django_db


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


def held(world: World, ops: Desk) -> Job:
    """A job that is held, since its step is off."""
    step = {"step": "file.scrub", "parameters": {}}
    sent = message(world.owner, [world.reader.login], uploads=[upload(world.owner)], steps=[step]).members
    assert ops.post("/admin/exchange/switch/step:file.scrub/off/").status_code == 302
    with scopes_disabled():
        job = Job.objects.get(message_id=sent["id"])
    job_run(job_id=job.id)
    return job


def test_jobs_show_depth_age_and_why_they_are_held(ops, world: World):
    job = held(world, ops)
    listed = ops.get("/admin/exchange/job/")
    off = "Switched off: Remove hidden metadata."
    for said in ("Waiting in queue “fast”", "Held", "oldest", str(job.id), "step off", off):
        assert said in listed, said
    shown = ops.get(f"/admin/exchange/job/{job.id}/")
    assert "Its sender is told" in shown
    assert "<dt>Queue</dt><dd>fast</dd>" in shown
    assert "Jobs held" in ops.get("/admin/")


def test_a_held_job_is_tried_again_or_cancelled(ops, world: World):
    job = held(world, ops)
    place = f"/admin/exchange/job/{job.id}/"
    assert ops.post(f"{place}retry/").status_code == 302
    with scopes_disabled():
        assert Job.objects.get(id=job.id).state == "queued"
    assert ops.http.get(f"{place}retry/").status_code == 404, "not held any more"
    assert ops.post(f"{place}cancel/").status_code == 302
    with scopes_disabled():
        assert Job.objects.get(id=job.id).state == "cancelled"
        acts = AuditEvent.objects.filter(action__in=["message.retried", "message.cancel"]).order_by("seq")
        assert [(act.tenant_id, act.actor, act.details) for act in acts] == [
            (world.tenants["aster"], None, {"operator": ops.number})
        ] * 2
    for move in ("retry", "cancel"):
        assert ops.http.get(f"{place}{move}/").status_code == 404, "a finished job takes nothing"


def test_orphans_are_counted_and_removed_by_a_button(ops, world: World):
    place = "/admin/vault/storedobject/"
    assert "Aster" in ops.get(place)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', ops.get(place))[1]
    assert ops.http.post(f"{place}count/", {"csrfmiddlewaretoken": token}).status_code == 302
    assert "0 objects without a key" in ops.get(place)
    assert ops.http.get(f"{place}count/").status_code == 405
    assert ops.post(f"{place}sweep/").status_code == 302
    assert "Removed 0 objects" in ops.get(place)
