"""The base of pages whose rows belong to organisations."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.names import name_of
from accounts.models import Tenant
from accounts.sealed import tenant_owner
from vault.admin.pages import OperatorPage, link, page_address


class OrganisationFilter(admin.SimpleListFilter):
    """One organisation, chosen by a link from its page: names are sealed, and a list of all would show them all."""

    title = "organisation"
    parameter_name = "organisation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        tenant = tenant_chosen(self.value())
        return [(str(tenant.id), name_of(tenant))] if tenant else []

    def value(self) -> str | None:
        return self.used_parameters.get(self.parameter_name)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        tenant = tenant_chosen(self.value())
        if self.value() is None:
            return queryset
        return queryset.filter(tenant=tenant) if tenant else queryset.none()


def tenant_chosen(value: str | None) -> Tenant | None:
    """The organisation whose id stands in an address."""
    try:
        return Tenant.objects.filter(id=UUID(value or "")).first()
    except ValueError:
        return None


class TenantRowsPage(OperatorPage):
    """Rows of a TenantModel, with their organisation's name."""

    list_select_related: Any = ["tenant"]

    def owners(self, rows: Iterable[Any]) -> set[str]:
        return {tenant_owner(row.tenant_id) for row in rows}

    def asked(self, request: HttpRequest) -> set[str]:
        chosen = tenant_chosen(request.GET.get(OrganisationFilter.parameter_name))
        return {tenant_owner(chosen.id)} if chosen else set()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("tenant")

    @admin.display(description="organisation")
    def organisation(self, row: Any) -> Any:
        return link(name_of(row.tenant), page_address(Tenant, row.tenant_id))
