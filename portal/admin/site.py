"""The one site. Operators look across organisations here, and what they look at stands in those organisations' logs."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, URLResolver, reverse
from django_otp.admin import OTPAdminSite
from django_scopes import scopes_disabled

from accounts.admin import PAGES as ACCOUNTS
from accounts.admin.names import DESTROYED, name_of, tenant_ids
from accounts.models import Tenant
from accounts.sealed import tenant_owner
from accounts.services import operator_viewed
from exchange.admin import PAGES as EXCHANGE
from portal.admin.front import front
from portal.admin.rules import rules_urls
from portal.admin.sign_in import OperatorSignIn
from vault.admin import PAGES as VAULT
from vault.services.secret import PLATFORM

_NOT_OURS = {"autocomplete", "view_on_site", "app_list"}
# What stands in the menu, by the name of its address.
_MENU = [
    ("Overview", "index"),
    ("Organisations", "accounts_tenant_changelist"),
    ("People", "accounts_user_changelist"),
    ("Connections", "accounts_connection_changelist"),
    ("Jobs", "exchange_job_changelist"),
    ("Switches", "exchange_switch_changelist"),
    ("Deliveries", "exchange_delivery_changelist"),
    ("Uploads", "exchange_upload_changelist"),
    ("Storage", "vault_storedobject_changelist"),
    ("Key rings", "vault_keyring_changelist"),
    ("Mails", "accounts_notification_changelist"),
    ("Rules", "rules"),
    ("Audit log", "accounts_auditevent_changelist"),
]


class OperatorSite(OTPAdminSite):
    """Django admin behind a second factor, without the addresses that nobody needs here."""

    login_form = OperatorSignIn
    login_template = "operator/login.html"
    index_template = "operator/front.html"
    site_header = site_title = "Sealpost operator"
    index_title = "Overview"
    enable_nav_sidebar = False

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """With sight of every organisation, while the page is rendered too."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def across(*args: Any, **kwargs: Any) -> HttpResponse:
            with scopes_disabled():
                response = inner(*args, **kwargs)
                return response.render() if isinstance(response, SimpleTemplateResponse) else response

        return across

    def get_urls(self) -> list[URLPattern | URLResolver]:
        ours = [entry for entry in super().get_urls() if getattr(entry, "name", None) not in _NOT_OURS]
        return [*rules_urls(self), *ours]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().index(request, front() | (extra_context or {}))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """With the menu in place of Django's list of models."""
        here = request.path
        menu = [(words, reverse(f"admin:{name}")) for words, name in _MENU]
        home = reverse("admin:index")
        under = [address for _, address in menu if here.startswith(address) and address != home]
        current = max(under, key=len, default=here)
        entries = [{"words": words, "address": address, "current": address == current} for words, address in menu]
        return super().each_context(request) | {"menu": entries}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        return []

    def rows_shown(self, request: HttpRequest, page: str, owners: Collection[str]) -> None:
        """Note in the owners' logs that this operator sees rows of theirs; the page is not shown where that fails."""
        operator_viewed(operator=str(request.user.pk), page=page, tenant_ids=tenant_ids(owners))

    def owners_named(self, owners: Collection[str]) -> dict[str, str]:
        """Owners of the vault in words; one query where their keys are open already."""
        tenants = Tenant.objects.filter(id__in=tenant_ids(owners))
        named = {tenant_owner(tenant.id): name_of(tenant) for tenant in tenants}
        return {owner: "the platform" if owner == PLATFORM else named.get(owner, DESTROYED) for owner in owners}


def site_make() -> OperatorSite:
    """The site with every page."""
    site = OperatorSite(name="admin")
    for pages in (VAULT, ACCOUNTS, EXCHANGE):
        for model, page in pages.items():
            site.register(model, page)
    return site
