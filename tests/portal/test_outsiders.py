"""People outside at the sealed API: what a depositor deposits, and what a guest reads."""

from uuid import uuid4

import pytest
from django_scopes import scopes_disabled

from accounts.models import Tenant
from exchange.errors import HELD_SENTENCES
from exchange.models import Job, Mailbox
from exchange.services import job_run
from tests.portal.conftest import World, delivered, part_put, upload, upload_begin
from tests.portal.outsiders import depositor, guest, request_made

pytestmark = pytest.mark.django_db


def test_a_guest_has_an_inbox_and_reads(people: World):
    gil = guest()
    assert gil.ask("GET", "/api/v1/me").members["role"] == "guest"
    assert gil.ask("GET", "/api/v1/inbox").members["messages"] == []
    page = gil.ask("GET", "/inbox").body.decode()
    assert "/compose" not in page


def test_a_deposit_by_the_api(people: World):
    request = request_made(people.owner, note="By Friday")
    otto = depositor(request)
    assert "By Friday" in otto.ask("GET", "/request").body.decode()
    body = {"key": str(uuid4()), "name": "Otto <b>Outside</b>", "uploads": [upload(otto)]}
    for missing in ("key", "name", "uploads"):
        short = {name: value for name, value in body.items() if name != missing}
        assert otto.ask("POST", "/api/v1/request/deposits", short).refusal() == (422, "field_invalid")
    answer = otto.ask("POST", "/api/v1/request/deposits", body)
    assert (answer.status, answer.members["state"]) == (201, "checking")
    delivered()
    shown = otto.ask("GET", f"/api/v1/request/deposits/{answer.members['id']}").members
    assert shown["state"] == "delivered"
    assert shown["receipt"]["text"].startswith("Sealpost receipt, version 1\nTo: Aster\n")
    listed = people.owner.ask("GET", "/inbox").body.decode()
    assert "Otto &lt;b&gt;Outside&lt;/b&gt;" in listed
    assert "File request, unverified:</span> Otto" in listed  # before the name, where no narrow screen cuts it off
    assert "By file request" in people.owner.ask("GET", f"/inbox/{answer.members['id']}").body.decode()
    other = depositor(request)
    assert other.ask("GET", f"/api/v1/request/deposits/{answer.members['id']}").refusal() == (404, "not_found")
    assert other.ask("DELETE", f"/api/v1/sessions/{otto.session}").refusal() == (404, "not_found")
    assert otto.ask("DELETE", f"/api/v1/sessions/{otto.session}").status == 200


def test_an_upload_of_a_depositor_is_refused_before_any_part(people: World):
    request = request_made(people.owner, bytes_most=10)
    otto = depositor(request)
    assert upload_begin(otto, bytes(11))["answer"].refusal() == (413, "request_too_large")
    begun = upload_begin(otto, bytes(10))
    assert people.owner.ask("POST", f"/api/v1/requests/{request['id']}/close", {}).members["state"] == "closed"
    assert part_put(otto, begun["id"], begun["stream"]).refusal() == (401, "session_unknown")


@pytest.mark.parametrize(
    "body", [{}, {"title": "x", "deposits_most": -1}, {"title": "x", "more": 1}, {"title": 5, "mailbox": "x"}]
)
def test_a_request_that_is_malformed(people: World, body):
    assert people.owner.ask("POST", "/api/v1/requests", body).refusal() == (422, "field_invalid")


def test_requests_of_an_organisation_that_is_being_closed(people: World):
    otto = depositor(request_made(people.owner))
    with scopes_disabled():
        Tenant.objects.filter(id=people.tenants["aster"]).update(state=Tenant.State.CLOSING)
    assert people.owner.ask("POST", "/api/v1/requests", {"title": "x"}).refusal() == (403, "tenant_closing")
    assert otto.ask("GET", "/api/v1/request").members["state"] == "closed"
    body = {"key": str(uuid4()), "name": "Otto", "uploads": [str(uuid4())]}
    assert otto.ask("POST", "/api/v1/request/deposits", body).refusal() == (410, "request_closed")


def test_guests_by_the_api(people: World):
    outside = "gil@outside.example"
    answer = people.owner.ask("POST", "/api/v1/guests", {"login": outside, "enrolment": "passphrase"})
    assert (answer.status, answer.members["login"]) == (201, outside)
    for body in ({"login": outside}, {"login": outside, "enrolment": "telepathy"}):
        assert people.owner.ask("POST", "/api/v1/guests", body).refusal() == (422, "field_invalid")
    again = people.owner.ask("POST", "/api/v1/guests", {"login": people.reader.login, "enrolment": "passphrase"})
    assert again.refusal() == (409, "guest_needless")


def test_a_held_deposit_is_tried_again_by_whose_mailbox_it_is(people: World):
    request = request_made(people.owner)
    otto = depositor(request)
    body = {"key": str(uuid4()), "name": "Otto", "uploads": [upload(otto)]}
    sent = otto.ask("POST", "/api/v1/request/deposits", body)
    with scopes_disabled():
        Mailbox.objects.filter(user__tenant=people.tenants["aster"]).update(state=Mailbox.State.CLOSED)
        (job,) = Job.objects.all()
    job_run(job_id=job.id)
    path = f"/api/v1/requests/{request['id']}/deposits/{sent.members['id']}/retry"
    for person in (people.teammate, people.admin, people.reader, people.chief, people.outsider):
        foreign, unknown = (person.ask("POST", one, {}) for one in (path, path.replace(request["id"], str(uuid4()))))
        assert foreign.refusal() == (404, "not_found")
        assert foreign.body == unknown.body
    assert otto.ask("POST", path, {}).refusal() == (403, "role_forbidden")
    page = people.owner.ask("GET", f"/requests/{request['id']}").body.decode()
    assert f'data-call="POST {path}"' in page
    assert HELD_SENTENCES["no_recipient_left"] in page
    with scopes_disabled():
        Mailbox.objects.update(state=Mailbox.State.OPEN)
    assert people.owner.ask("POST", path, {}).members["received"][0]["state"] == "processing"
    assert people.owner.ask("POST", path, {}).refusal() == (409, "job_not_held")
    delivered()
    assert f"/inbox/{sent.members['id']}" in people.owner.ask("GET", f"/requests/{request['id']}").body.decode()
