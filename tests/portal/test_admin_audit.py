"""The audit log in Django admin: filtered by whose, who, what and when, exported signed, changed by nobody."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent, Tenant, User
from accounts.selectors import address_index
from tests.exchange.audit_log import verified
from tests.portal.conftest import World
from tests.portal.operators import Desk
from vault.services import signing_key

pytestmark = pytest.mark.django_db
LOG = "/admin/accounts/auditevent/"


def asked(ops: Desk, **filters: str) -> str:
    """The address that the form's answer leads to."""
    hidden = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', ops.get(LOG))[1]
    answer = ops.http.post(f"{LOG}filter/", {"csrfmiddlewaretoken": hidden} | filters)
    assert answer.status_code == 302
    return answer["Location"]


def listed(page: str) -> set[str]:
    """Ids of the events of a page."""
    return set(re.findall(rf"{LOG}([0-9a-f-]{{36}})/", page))


def wanted(**where) -> set[str]:
    with scopes_disabled():
        return {str(pk) for pk in AuditEvent.objects.filter(**where).values_list("pk", flat=True)}


def person(world: World) -> User:
    with scopes_disabled():
        return User.objects.get(login_index=address_index(world.owner.login))


def test_names_and_logins_stand_in_no_address(ops: Desk, people: World):
    place = asked(ops, organisation="Aster", person=people.owner.login, event="session.opened")
    query = {name: value for name, (value,) in parse_qs(urlsplit(place).query).items()}
    assert query == {
        "organisation": str(people.tenants["aster"]), "person": str(person(people).id), "event": "session.opened",
    }  # fmt: skip
    page = ops.get(place)
    assert listed(page) == wanted(action="session.opened", actor=person(people).id)
    assert "Log of <strong>Aster</strong>" in page


def test_filters_by_organisation_event_person_thing_and_time(ops: Desk, people: World):
    aster, owner = people.tenants["aster"], person(people)
    assert listed(ops.get(asked(ops, organisation=str(aster), event="user"))) == wanted(
        tenant_id=aster, action__startswith="user."
    )
    mine = wanted(actor=owner.id) | wanted(subject=owner.id)
    assert listed(ops.get(asked(ops, person=str(owner.id)))) == mine
    assert listed(ops.get(asked(ops, about=str(owner.id)))) == wanted(subject=owner.id)
    now = timezone.now()
    soon, past = ((now + timedelta(minutes=step)).strftime("%Y-%m-%dT%H:%M") for step in (5, -5))
    assert listed(ops.get(asked(ops, since=soon))) == set()
    assert listed(ops.get(asked(ops, until=past))) == set()
    begun = ops.get(asked(ops, event="tenant", since=past, until=soon))
    assert listed(begun) == wanted(action__startswith="tenant.")


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"organisation": "Nobody Ltd"}, "Not one organisation"),
        ({"person": "nobody@nowhere.example"}, "Nobody has"),
        ({"event": "Nothing; such"}, "An event is like"),
        ({"about": "x"}, "valid UUID"),
        ({"since": "x"}, "valid date"),
    ],
)
def test_what_is_no_filter_is_said(ops: Desk, people: World, filters, said):
    assert asked(ops, **filters) == LOG
    assert said in ops.get(LOG)


@pytest.mark.parametrize("query", ["person=x", "since=x", "until=2026", "event=%3B", "about=1"])
def test_an_altered_address_filters_nothing_and_exports_nothing(ops: Desk, people: World, query):
    assert ops.http.get(f"{LOG}?{query}").status_code == 302
    whole = f"{LOG}export/?organisation={people.tenants['aster']}&{query}"
    assert ops.http.get(whole).status_code == 302
    assert wanted(action="audit.exported") == set()


def test_the_export_is_signed_holds_the_filters_and_stands_in_the_log(ops: Desk, people: World):
    aster = people.tenants["aster"]
    place = asked(ops, organisation="Aster", event="session.opened")
    export = re.search(r'href="([^"]+/export/[^"]+)"', ops.get(place))[1].replace("&amp;", "&")
    answer = ops.http.get(export)
    assert answer["Content-Disposition"] == f'attachment; filename="audit-{aster}.jsonl"'
    lines = b"".join(answer.streaming_content).decode().splitlines()
    proven = verified(lines, fingerprints=[signing_key().fingerprint])
    with scope(tenant=Tenant(id=aster)):
        assert proven.events == AuditEvent.objects.filter(action="session.opened").count() > 0
        last = AuditEvent.objects.get(action="audit.exported")
    assert (last.actor, str(last.details["operator"])) == (None, ops.number)
    assert last.details["filters"] == {"event": "session.opened"}
    assert "exported the audit log" in people.admin.ask("GET", "/audit").body.decode()
    assert ops.http.get(f"{LOG}export/").status_code == 302, "of one organisation alone"


def test_nothing_there_writes(ops: Desk, people: World):
    before = wanted()
    with scopes_disabled():
        event = AuditEvent.objects.order_by("seq").first()
    page = ops.get(f"{LOG}{event.id}/")
    assert bytes(event.hash).hex() in page
    forms = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', page + ops.get(LOG))
    assert set(forms) == {"/admin/logout/", f"{LOG}filter/"}
    for path in (f"{LOG}add/", f"{LOG}{event.id}/delete/", f"{LOG}{event.id}/change/"):
        assert ops.http.get(path).status_code == 404, path
    assert before <= wanted()
