"""The audit log at its addresses: filtered, by pages, named, in a fixed number of queries."""

import re
from urllib.parse import quote
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from accounts.models import AuditEvent, Tenant, User
from accounts.services import event_record, user_issue
from sealpost.crypto.encoding import b64u_decode
from sealpost.crypto.signing import verify
from sealpost.protocol.audit import Checkpoint
from sealpost.protocol.audit_file import file_verify
from tests.accounts.conftest import organisation
from tests.portal.caller import Caller, caller

pytestmark = pytest.mark.django_db
ADDRESSES = ["/api/v1/audit", "/api/v1/audit/checkpoints", "/api/v1/audit/export", "/audit"]


@pytest.fixture
def aster(db) -> Tenant:
    return organisation("Aster Legal")


def person(tenant: Tenant, name: str, role: str) -> Caller:
    login = f"{name}@{tenant.name.partition(' ')[0].lower()}.example"
    issued = user_issue(tenant=tenant, login=login, name=name.title(), kind="machine", role=role)
    return caller(issued.login, issued.passphrase)


@pytest.fixture
def eva(aster) -> Caller:
    """The auditor of Aster."""
    return person(aster, "eva", "auditor")


@pytest.fixture
def ana(aster) -> Caller:
    """An admin of Aster."""
    return person(aster, "ana", "admin")


def user_of(tenant: Tenant, login: str) -> User:
    with scope(tenant=tenant):
        return next(user for user in User.objects.filter(tenant=tenant) if user.login == login)


def written(tenant: Tenant, times: int, *, actor: User | None = None, action: str = "delivery.opened", **details):
    with scope(tenant=tenant):
        for number in range(times):
            event_record(tenant_id=tenant.id, actor=actor, action=action, details={"n": number} | details)


def test_events_come_newest_first_with_names(aster, eva, ana):
    admin = user_of(aster, ana.login)
    written(aster, 1, actor=admin, user=str(user_of(aster, eva.login).id))
    written(aster, 1, operator=3)
    newest, before = eva.ask("GET", "/api/v1/audit").members["events"][:2]
    assert (newest["by"], newest["actor"], newest["details"]) == ("operator 3", None, {"n": 0, "operator": 3})
    assert (before["by"], before["actor"]) == ("Ana", str(admin.id))
    assert sorted(before["names"].values()) == ["Ana", "Eva"]
    assert (newest["seq"], newest["previous"]) == (before["seq"] + 1, before["hash"])


def test_pages_hold_every_event_once_whatever_comes_meanwhile(aster, eva):
    written(aster, 120)
    found, path = [], "/api/v1/audit"
    while path:
        page = eva.ask("GET", path).members
        found += [event["seq"] for event in page["events"]]
        path = page["next"] and f"/api/v1/audit?before={page['next']}"
        written(aster, 3)
    assert found == list(range(found[0], 0, -1))
    assert len(found) > 120


def test_filters(aster, eva, ana):
    admin = user_of(aster, ana.login)
    written(aster, 3, actor=admin)
    written(aster, 2, action="message.sent")
    with scope(tenant=aster):
        thing = AuditEvent.objects.filter(action="session.opened").first()
        moment = AuditEvent.objects.filter(action="message.sent").order_by("seq").first().at.isoformat()

    def asked(query: str) -> list[str]:
        return [event["action"] for event in eva.ask("GET", f"/api/v1/audit?{query}").members["events"]]

    for named in (str(admin.id), ana.login, " ANA@aster.example "):
        assert asked(f"person={quote(named)}") == ["delivery.opened"] * 3 + ["session.opened", "user.issued"]
    assert asked(f"object={thing.subject}") == ["session.opened"]
    assert asked("event=message.sent") == asked("event=message") == ["message.sent"] * 2
    assert asked("event=mess") == []
    assert asked(f"from={quote(moment)}") == ["message.sent"] * 2
    assert "message.sent" not in asked(f"to={quote(moment)}")
    assert asked("from=2999-01-01") == []
    assert asked(f"person={admin.id}&event=user") == ["user.issued"]


@pytest.mark.parametrize(
    "query",
    ["object=x", "event=a%20b", "event=A.b", "event=a.b.c", "from=yesterday", "to=2026-13-01", "wat=1"],
)
@pytest.mark.parametrize("path", ["/api/v1/audit", "/api/v1/audit/export", "/audit"])
def test_filters_that_are_none_are_refused(eva, path, query):
    assert eva.ask("GET", f"{path}?{query}").refusal() == (422, "field_invalid")


def test_a_login_that_nobody_here_has_is_one_answer_wherever_it_is(aster, eva, ana):
    other = person(organisation("Birch Supply"), "ben", "admin")
    answers = [
        eva.ask("GET", f"/api/v1/audit?person={quote(login)}") for login in (other.login, "nobody@nowhere.example", "x")
    ]
    assert {answer.refusal() for answer in answers} == {(404, "not_found")}
    assert len({answer.body for answer in answers}) == 1
    assert eva.ask("GET", f"/api/v1/audit?person={user_of(aster, ana.login).id}").status == 200


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "٣", "9" * 19, "1_0"])
def test_cursors_that_are_none_are_refused(eva, cursor):
    for path in ("/api/v1/audit", "/api/v1/audit/checkpoints", "/audit"):
        assert eva.ask("GET", f"{path}?before={quote(cursor)}").refusal() == (400, "cursor_invalid")
    assert eva.ask("GET", f"/api/v1/audit/export?after={quote(cursor)}").refusal() == (400, "cursor_invalid")


def test_nothing_of_another_organisation_shows(aster, eva):
    birch = organisation("Birch Supply")
    ben = person(birch, "ben", "admin")
    written(birch, 3, actor=user_of(birch, ben.login))
    shown = eva.ask("GET", "/api/v1/audit").body + eva.ask("GET", "/audit").body + eva.ask("GET", ADDRESSES[2]).body
    for foreign in (str(user_of(birch, ben.login).id), str(birch.id), "Ben", "Birch"):
        assert foreign.encode() not in shown
    assert eva.ask("GET", f"/api/v1/audit?person={user_of(birch, ben.login).id}").members["events"] == []


def test_an_export_by_pages_verifies(aster, eva):
    written(aster, 1200)
    lines, path = [], "/api/v1/audit/export"
    while path:
        page = eva.ask("GET", path).members
        lines += page["lines"]
        path = page["next"] and f"/api/v1/audit/export?after={page['next']}"
    said = file_verify(f"{line}\n".encode() for line in lines)
    assert (said.tenant, said.omitted, said.checkpoints) == (aster.id, 0, 1)
    assert said.events > 1200


def test_checkpoints_verify_by_the_keys_beside_them(aster, eva):
    for _ in range(3):
        eva.ask("GET", "/api/v1/audit/export")
    answer = eva.ask("GET", "/api/v1/audit/checkpoints").members
    keys = {UUID(key["id"]): b64u_decode(key["public"], 32) for key in answer["keys"]}
    assert [row["seq"] for row in answer["checkpoints"]] == [5, 4, 3]
    before = None
    for row in answer["checkpoints"]:
        key = UUID(row["key"])
        hashes = (bytes.fromhex(row[name]) for name in ("root", "head", "previous"))
        statement = Checkpoint(aster.id, row["seq"], *hashes, row["at"], key)
        verify(keys[key], statement.statement(), b64u_decode(row["signature"], 64))
        assert before is None or before == statement.digest()
        before = statement.previous


def test_the_log_costs_the_same_queries_whatever_it_holds(aster, eva, ana):
    admin = user_of(aster, ana.login)
    costs = []
    for times in (1, 30, 40):
        for number in range(times):
            written(aster, 1, actor=admin, user=str(user_of(aster, eva.login).id), operator=number)
        for path in ADDRESSES[:2] + ADDRESSES[3:]:
            eva.ask("GET", path)
            with CaptureQueriesContext(connection) as captured:
                assert eva.ask("GET", path).status == 200
            costs.append((path, len(captured)))
    assert len(set(costs)) == 3
    assert max(cost for _, cost in costs) <= 14


def test_the_page_speaks_in_sentences(aster, eva, ana):
    admin = user_of(aster, ana.login)
    written(aster, 1, actor=admin, action="user.role_changed", role={"before": "member", "after": "auditor"})
    written(aster, 1, operator=3, action="tenant.moved", to="suspended")
    written(aster, 1, action="unheard.of_thing")
    written(aster, 1, action="policy.changed", actor=admin, changed={"idle_lock": [600, 300], "guests": [None, True]})
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", eva.ask("GET", "/audit").body.decode()))
    shown = shown.replace(" :", ":")
    for said in (
        "Ana changed the role of something", "role member → auditor", "Operator 3 changed the state of",
        "Sealpost: unheard of thing", "idle lock 600 → 300", "guests none → yes", "suite 0", "Eva signed in",
    ):  # fmt: skip
        assert said in shown, said


def test_what_stands_in_details_is_text_and_no_markup(aster, eva):
    written(aster, 1, code="<script>alert(1)</script>")
    assert b"<script>" not in eva.ask("GET", "/audit").body


def test_filters_stand_in_the_page_and_in_its_links(aster, eva):
    written(aster, 60)
    shown = eva.ask("GET", "/audit?event=delivery.opened&from=2026-01-01T00:00:00Z").body.decode()
    assert '<option value="delivery.opened" selected>' in shown
    assert 'data-moment="2026-01-01T00:00:00+00:00"' in shown
    older = re.search(r'href="/audit\?([^"]*before=\d+)"', shown)[1].replace("&amp;", "&")
    assert eva.ask("GET", f"/audit?{older}").status == 200
    assert "event=delivery.opened" in older
    empty = eva.ask("GET", "/audit?event=message.sent").body.decode()
    assert "No event fits these filters." in empty


def test_a_removed_person_keeps_the_name_in_the_log(aster, eva, ana):
    admin = user_of(aster, ana.login)
    written(aster, 1, actor=admin)
    with scope(tenant=aster):
        User.objects.filter(id=admin.id).update(state=User.State.REMOVED, login_index=None)
    shown = eva.ask("GET", "/audit").body.decode()
    assert ">Ana</a> opened delivery" in shown
    assert ">Ana (removed)</option>" in shown
