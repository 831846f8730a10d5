"""The operator's pages: who is here, never what they send."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as OperatorAdmin
from django.contrib.auth.models import User as Operator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django_otp import devices_for_user
from django_otp.admin import OTPAdminAuthenticationForm, OTPAdminSite
from django_otp.models import Device
from django_scopes import scopes_disabled

from accounts.models import AuditEvent, Connection, Session, Tenant, User
from vault.errors import RingMissing

_DESTROYED = "(its keys were destroyed)"


class OperatorSignIn(OTPAdminAuthenticationForm):
    """Who has one device is not asked to choose it: to ask, the page would have to carry the password back."""

    def _chosen_device(self, user: Operator) -> Device | None:
        own = list(devices_for_user(user, for_verify=True))
        return super()._chosen_device(user) or (own[0] if len(own) == 1 else None)


class OperatorSite(OTPAdminSite):
    """Django admin behind a second factor."""

    login_form = OperatorSignIn
    site_header = site_title = "Sealpost operator"
    index_title = "Organisations and people; no content can be read here"
    enable_nav_sidebar = False

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """An operator looks across organisations; what a page asks while it is rendered too."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def across(*args: Any, **kwargs: Any) -> HttpResponse:
            with scopes_disabled():
                response = inner(*args, **kwargs)
                return response.render() if isinstance(response, SimpleTemplateResponse) else response

        return across


operator_site = OperatorSite(name="operator")


def _name(row: Tenant | User) -> str:
    """The name, or that it is gone: one destroyed organisation must not hide the others."""
    try:
        return row.name
    except RingMissing:
        return _DESTROYED


class _ReadOnly(admin.ModelAdmin):
    """Lists and shows; everything is done by services, through commands."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self.model._base_manager.all()


@admin.register(Tenant, site=operator_site)
class TenantAdmin(_ReadOnly):
    list_display = ["called", "state", "created_at", "id"]
    fields = ["id", "called", "state", "created_at"]
    list_filter = ["state"]

    @admin.display(description="name")
    def called(self, tenant: Tenant) -> str:
        return _name(tenant)


@admin.register(User, site=operator_site)
class UserAdmin(_ReadOnly):
    list_display = ["signs_in_as", "called", "organisation", "role", "state", "created_at"]
    fields = ["id", "signs_in_as", "called", "organisation", "role", "state", "created_at"]
    list_filter = ["state", "role"]
    list_select_related = ["tenant"]

    @admin.display(description="login")
    def signs_in_as(self, user: User) -> str:
        try:
            return user.login
        except RingMissing:
            return _DESTROYED

    @admin.display(description="name")
    def called(self, user: User) -> str:
        return _name(user)

    @admin.display(description="organisation")
    def organisation(self, user: User) -> str:
        return _name(user.tenant)


@admin.register(Session, site=operator_site)
class SessionAdmin(_ReadOnly):
    list_display = ["id", "created_at", "last_seen_at", "expires_at", "ended_at"]
    fields = list_display


@admin.register(Connection, site=operator_site)
class ConnectionAdmin(_ReadOnly):
    list_display = ["first_name", "second_name", "state", "created_at"]
    fields = list_display
    list_select_related = ["first", "second"]

    @admin.display(description="first")
    def first_name(self, connection: Connection) -> str:
        return _name(connection.first)

    @admin.display(description="second")
    def second_name(self, connection: Connection) -> str:
        return _name(connection.second)


@admin.register(AuditEvent, site=operator_site)
class AuditEventAdmin(_ReadOnly):
    list_display = ["at", "tenant_id", "seq", "action", "actor", "subject"]
    fields = [*list_display, "details"]
    list_filter = ["action"]


operator_site.register(Operator, OperatorAdmin)
