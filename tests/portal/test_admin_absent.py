"""What operators cannot do: the code for it is not there, and no address takes it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from django_scopes import scopes_disabled

from accounts.models import AuditEvent, SharedKey, Tenant, User
from exchange.models import Delivery, Document, Job, Message, Recipient, Upload
from portal.admin.site import site_make
from tests.portal.conftest import World
from tests.portal.operators import HOME, Desk
from tests.portal.routes import operator_routes
from vault.models import KeyRing, KeyVersion

pytestmark = pytest.mark.django_db
# Everything of the services that the operators' pages call.
CALLED = {
    "accounts.services": {
        "backoff_clear", "notification_retry", "operator_viewed", "people_counts", "policy_change_operator",
        "quotas_change", "reissue_approve", "reissue_decline", "reissue_request", "tenant_close", "tenant_resume",
        "tenant_suspend", "user_sign_out",
    },
    "accounts.services.factors": {"factors_count"},
    "accounts.services.sign_in_limits": {"pauses_of"},
    "accounts.services.tenant_life": {"EXPORT_DAYS_LEAST", "EXPORT_DAYS_MOST"},
    "exchange.services": {
        "AuditFilters", "audit_export_operator", "job_cancel_operator", "job_retry_operator", "switch_off", "switch_on",
    },
    "exchange.services.policy": {"platform_rules_change"},
    "vault.services": {"orphans_count", "orphans_sweep", "owners_usage", "ring_keys_load", "stored_usage"},
    "vault.services.secret": {"PLATFORM"},
}  # fmt: skip
# Everything that their pages read; no message, document, recipient, pipeline or output of a step among it.
READ = {
    "accounts.models": {
        "AuditEvent", "Connection", "Notification", "Reissue", "RulesKind", "Session", "SharedKey", "Tenant",
        "User",
    },
    "accounts.models.rules": {"STEPS"},
    "exchange.models": {"Delivery", "Job", "Switch", "Upload"},
    "vault.models": {"KeyRing", "KeyVersion", "ObjectKey", "StoredObject"},
}  # fmt: skip
WRITES = {
    "save", "delete", "create", "update", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
    "set_password", "raw", "execute",
}  # fmt: skip
ROOT = Path(__file__).parents[2]
LAYERS = ("portal", "exchange", "accounts", "vault")


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Every file of the operators' pages, read."""
    for layer in LAYERS:
        for path in sorted((ROOT / layer / "admin").rglob("*.py")):
            yield path, ast.parse(path.read_text())


def imported(part: str) -> dict[str, set[str]]:
    """Of our own layers' modules of this name, what is imported there."""
    found: dict[str, set[str]] = {}
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert not any(one.name.split(".")[0] in LAYERS for one in node.names), f"{path}: by name alone"
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in LAYERS:
                assert part not in {one.name for one in node.names}, f"{path}: by name alone"
                if part in str(node.module).split("."):
                    found.setdefault(str(node.module), set()).update(one.name for one in node.names)
    return found


def test_their_pages_call_these_services_and_read_these_rows():
    """By absence of code: whoever adds one to these lists has to say here what it shows or does."""
    assert imported("services") == CALLED
    assert imported("models") == READ


def test_their_pages_write_nothing_but_by_a_service():
    asked = {node.attr for _, tree in modules() for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert asked & WRITES == {"execute"}
    (execute,) = [
        node for _, tree in modules() for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "execute"
    ]  # fmt: skip
    assert ast.unparse(execute.args[0]) == "'SELECT 1'"


def test_no_model_of_contents_has_a_page():
    paged = {model.__name__ for model in site_make()._registry}
    assert paged == {
        "Tenant", "User", "Connection", "Notification", "AuditEvent", "Job", "Switch", "Delivery", "Upload", "KeyRing",
        "StoredObject",
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


def test_there_is_no_address_to_make_change_delete_or_impersonate(ops, world: World):
    """By absence of code: no route of such a kind is there, whatever is asked of it."""
    assert len(operator_routes()) > 25
    for word in ("/add", "delete", "/password", "impersonate", "login_as", "recipient", "content", "download"):
        assert [route for route in operator_routes() if word in route and "password_change" not in route] == [], word
    identity = world.tenants["aster"]
    for path in (
        "/admin/accounts/tenant/add/", f"/admin/accounts/tenant/{identity}/delete/", "/admin/accounts/user/add/",
        "/admin/auth/user/", "/admin/exchange/message/", "/admin/exchange/document/", "/admin/accounts/sharedkey/",
        f"/admin/exchange/message/{world.places['message']}/", "/admin/accounts/auditevent/add/",
    ):  # fmt: skip
        assert ops.http.get(path).status_code == 404, path


SHOWING = ("_changelist", "_export", *(f"_{name}_change" for name in (
    "tenant", "user", "connection", "notification", "auditevent", "job", "delivery", "upload", "keyring"
)))  # fmt: skip


def rows() -> dict[str, list]:
    """What stands in the database of organisations, people, messages, jobs, deliveries, uploads and keys."""
    models = (Tenant, User, Message, Recipient, Delivery, Document, Job, Upload, SharedKey, KeyRing, KeyVersion)
    with scopes_disabled():
        return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in models}


def chains() -> set[bytes]:
    with scopes_disabled():
        return {bytes(one) for one in AuditEvent.objects.values_list("hash", flat=True)}


def test_pages_of_rows_take_no_form(ops: Desk, world: World):
    """What a list or a page of a row shows is not changed by sending it back: it is asked for and nothing else."""
    found = {resolve(urlsplit(path).path).url_name: path for path in ops.walk()}
    found["accounts_auditevent_export"] = f"/admin/accounts/auditevent/export/?organisation={world.tenants['aster']}"
    pages = {name: path for name, path in found.items() if name.endswith(SHOWING)}
    assert len(pages) > 20, pages
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', ops.get(HOME))[1]
    before, chained = rows(), chains()
    for name, path in pages.items():
        members = {
            "csrfmiddlewaretoken": token,
            "state": "closed",
            "role": "admin",
            "_save": "Save",
            "action": "delete",
        }
        assert ops.http.post(path, members).status_code == 405, name
    assert rows() == before
    assert chains() >= chained


@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_finished_jobs_and_messages_are_not_touched(ops: Desk, world: World, state):
    with scopes_disabled():
        job = Job.objects.get(message_id=world.places["message"])
        Job.objects.filter(id=job.id).update(state=state)
    before = rows()
    place = f"/admin/exchange/job/{job.id}/"
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', ops.get(place))[1]
    for move in ("retry", "cancel", "delete", "change", "edit"):
        assert f"{place}{move}/" not in ops.get(place)
        assert ops.http.post(f"{place}{move}/", {"csrfmiddlewaretoken": token}).status_code == 404, move
    assert rows() == before
