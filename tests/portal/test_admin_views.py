"""What an operator sees of an organisation stands in that organisation's log, where its admins read it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.apps import apps
from django_scopes import scopes_disabled

from accounts.models import AuditEvent, Tenant, User
from accounts.tenancy import TenantModel
from exchange.models import Message
from portal.admin.site import site_make
from tests.portal.conftest import World
from tests.portal.operators import HOME, Desk

pytestmark = pytest.mark.django_db
# Pages of the platform alone: no row of anybody stands there.
NOBODY_S = {
    HOME, f"{HOME}rules/", f"{HOME}exchange/switch/", f"{HOME}password_change/", f"{HOME}vault/storedobject/sweep/",
}  # fmt: skip


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


def marks() -> dict[str, UUID]:
    """What tells a row of an organisation on a page → whose it is: ids of every row, names, logins."""
    found: dict[str, UUID] = {}
    with scopes_disabled():
        for model in apps.get_models():
            if issubclass(model, TenantModel) and model is not Message:  # its id is the delivery's, too
                found |= {str(pk): tenant for pk, tenant in model._base_manager.values_list("pk", "tenant_id")}
        found |= {user.login: user.tenant_id for user in User.objects.all()}
        for tenant in Tenant.objects.all():
            found |= {tenant.name: tenant.id, str(tenant.id): tenant.id}
    return found


def shown_of(page: str, known: dict[str, UUID]) -> set[UUID]:
    """Whose rows a page shows. An address that it links to is no row of the page: what it leads to tells of itself."""
    said = re.sub(r'(?:href|action|value)="[^"]*"', "", page)
    return {tenant for mark, tenant in known.items() if mark in said}


def told(since: dict[UUID, int]) -> Iterator[UUID]:
    """Organisations whose log has a view of an operator behind these places."""
    with scopes_disabled():
        for tenant_id, seq in AuditEvent.objects.filter(action="operator.viewed").values_list("tenant_id", "seq"):
            if seq > since.get(tenant_id, 0):
                yield tenant_id


def ends() -> dict[UUID, int]:
    with scopes_disabled():
        return dict(AuditEvent.objects.order_by("seq").values_list("tenant_id", "seq"))


def test_every_page_that_shows_rows_of_an_organisation_tells_it(ops: Desk, world: World, monkeypatch):
    """Every address of the site, as the walk finds them: lists, details, moves, rules, filtered, sorted."""
    monkeypatch.setattr("accounts.services.operator_views.QUIET", timedelta(0))
    paths = sorted(ops.walk())
    counted = dict.fromkeys(world.tenants.values(), 0)
    silent = []
    for path in paths:
        if path.startswith("/admin/accounts/auditevent/") and "organisation=" not in path:
            continue  # the log of all organisations, which each view of this loop makes longer
        before, known = ends(), marks()
        page = ops.http.get(path)
        shown = shown_of(page.content.decode(), known) if page.status_code == 200 else set()
        missing = shown - set(told(before))
        silent += [(path, tenant) for tenant in missing]
        for tenant in shown & counted.keys():
            counted[tenant] += 1
        if path in NOBODY_S:
            assert shown == set(), path
    assert silent == []
    assert min(counted.values()) > 10, "the walk sees rows"


def test_the_organisations_admins_read_of_every_list_and_detail(ops: Desk, world: World):
    """Every page that is registered, by the code that the log has for it."""
    ops.walk()
    read = set()
    for admin in (world.admin, world.chief):
        events = admin.ask("GET", "/api/v1/audit?event=operator.viewed").members["events"]
        assert {event["by"] for event in events} == {f"operator {ops.number}"}
        read |= {event["details"]["page"] for event in events}
    registered = {code for page in site_make()._registry.values() for code in page.codes}
    assert read == registered - {"switches"} | {"policy", "quotas"}, "switches are the platform's"
    shown = world.admin.ask("GET", "/audit").body.decode()
    assert f"Operator {ops.number} looked at a page of Django admin" in shown


def test_a_list_of_one_organisation_tells_it_even_where_it_is_empty(ops: Desk, world: World):
    cedar = world.tenants["cedar"]
    page = ops.get(f"/admin/exchange/delivery/?organisation={cedar}")
    assert "Nothing here" in page
    assert [said["page"] for said in viewed(cedar)] == ["deliveries"]


def test_a_page_is_not_shown_where_it_cannot_be_noted(ops: Desk, world: World, monkeypatch):
    def refused(**given):
        raise RuntimeError("the chain is not there")

    monkeypatch.setattr("portal.admin.site.operator_viewed", refused)
    ops.http.raise_request_exception = False
    page = ops.http.get(f"{HOME}accounts/tenant/{world.tenants['aster']}/")
    assert page.status_code == 500
    assert b"Aster" not in page.content
