"""The audit log: read, filtered, exported. Its rows are numbers, codes and ids; nothing here can write one."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_datetime

from accounts.admin.pages import OrganisationFilter, TenantRowsPage
from accounts.models import AuditEvent, Tenant
from exchange.admin.stream import lines_answer
from exchange.services import AuditFilters, audit_export_operator
from vault.admin.pages import NOTHING, list_address


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


class AuditPage(TenantRowsPage):
    codes = ("audit", "audit_event")
    change_list_template = "operator/audit.html"
    list_display = ["at", "organisation", "seq", "action", "by", "about", "said"]
    list_display_links = ["at"]
    list_filter = [OrganisationFilter, ("at", admin.DateFieldListFilter)]
    ordering = ["-at", "-seq"]
    search_fields = ["action"]
    search_help_text = "An event like session.opened, what several begin with like session, or an id of anything"

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export_view)
        return [path("export/", export, name="accounts_auditevent_export"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        return super().get_queryset(request).defer("previous")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if found := _uuid(search_term):
            return queryset.filter(Q(actor=found) | Q(subject=found)), False
        return AuditFilters(event=search_term.strip()).rows(queryset), False

    def list_view(self, request: HttpRequest) -> HttpResponse:
        response = super().list_view(request)
        if isinstance(response, TemplateResponse) and response.context_data and request.GET.get("organisation"):
            address = f"{reverse('admin:accounts_auditevent_export')}?{request.GET.urlencode()}"
            response.context_data["export"] = address
        return response

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """What the list shows of one organisation, as signed lines; the export stands in the log itself."""
        tenant = Tenant.objects.filter(id=_uuid(request.GET.get("organisation", ""))).first()
        if tenant is None:
            return HttpResponseRedirect(list_address(AuditEvent))
        operator = int(self.operator(request))
        lines = audit_export_operator(tenant=tenant, operator=operator, filters=_filters(request))
        return lines_answer(lines, name=f"audit-{tenant.id}.jsonl")

    @admin.display(description="by")
    def by(self, row: AuditEvent) -> str:
        operator = row.details.get("operator")
        return f"operator {operator}" if operator else str(row.actor or NOTHING)

    @admin.display(description="about")
    def about(self, row: AuditEvent) -> str:
        return str(row.subject or NOTHING)

    @admin.display(description="details")
    def said(self, row: AuditEvent) -> str:
        told = {name: value for name, value in row.details.items() if name != "operator"}
        return ", ".join(f"{name}: {value}" for name, value in sorted(told.items())) or NOTHING

    def name_of(self, row: AuditEvent) -> str:
        return f"Event {row.seq}: {row.action}"

    def facts(self, row: AuditEvent) -> list[tuple[str, Any]]:
        return [
            ("Organisation", self.organisation(row)),
            ("Event", row.action),
            ("Place in its chain", row.seq),
            ("At", row.at),
            ("By", self.by(row)),
            ("About", self.about(row)),
            ("Details", json.dumps(row.details, sort_keys=True)),
            ("Hash", bytes(row.hash).hex()),
        ]


def _filters(request: HttpRequest) -> AuditFilters:
    """The filters of a list's address."""
    asked = request.GET.get("q", "").strip()
    about = _uuid(asked)
    since, until = _time(request, "at__gte"), _time(request, "at__lt")
    return AuditFilters(person=about, event="" if about else asked, since=since, until=until)


def _time(request: HttpRequest, name: str) -> datetime | None:
    try:
        return parse_datetime(request.GET.get(name, ""))
    except ValueError:
        return None
