"""The audit log: read, filtered, exported. Its rows are numbers, codes and ids; nothing here can write one."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.admin.names import name_of
from accounts.admin.pages import OrganisationFilter, TenantRowsPage, tenant_chosen
from accounts.models import AuditEvent
from exchange.admin.audit_filters import TYPED, AuditForm, filters_asked
from exchange.admin.stream import lines_answer
from exchange.services import audit_export_operator
from vault.admin.pages import NOTHING, list_address, short


class AuditPage(TenantRowsPage):
    codes = ("audit", "audit_event")
    title = "Audit log"
    change_list_template = "operator/audit.html"
    list_display = ["at", "organisation", "place", "event", "by", "about", "said"]
    list_display_links = ["at"]
    list_filter = [OrganisationFilter, *TYPED]
    ordering = ["-at", "-seq"]

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(require_safe(self.export_view))
        asked = self.admin_site.admin_view(require_POST(self.filter_view))
        return [
            path("export/", export, name="accounts_auditevent_export"),
            path("filter/", asked, name="accounts_auditevent_filter"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        return super().get_queryset(request).defer("previous")

    def list_view(self, request: HttpRequest) -> HttpResponse:
        response = super().list_view(request)
        if isinstance(response, TemplateResponse) and response.context_data:
            response.context_data["asked"] = AuditForm.of(request.GET)
            if chosen := tenant_chosen(request.GET.get("organisation")):
                response.context_data["of"] = name_of(chosen)
                address = f"{reverse('admin:accounts_auditevent_export')}?{request.GET.urlencode()}"
                response.context_data["export"] = address
        return response

    def filter_view(self, request: HttpRequest) -> HttpResponse:
        """From what was typed to the list's address."""
        form = AuditForm(request.POST)
        if form.is_valid():
            return HttpResponseRedirect(list_address(AuditEvent, form.address()))
        for name, errors in form.errors.items():
            self.message_user(request, f"{form[name].label}: {' '.join(errors)}", messages.ERROR)
        return HttpResponseRedirect(list_address(AuditEvent))

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """What the list shows of one organisation, as signed lines; the export stands in the log itself."""
        tenant = tenant_chosen(request.GET.get("organisation"))
        try:
            filters = filters_asked(request.GET)
        except ValueError:
            tenant = None
        if tenant is None:
            return HttpResponseRedirect(list_address(AuditEvent))
        lines = audit_export_operator(tenant=tenant, operator=int(self.operator(request)), filters=filters)
        return lines_answer(lines, name=f"audit-{tenant.id}.jsonl")

    @admin.display(description="place", ordering="seq")
    def place(self, row: AuditEvent) -> int:
        return row.seq

    @admin.display(description="event", ordering="action")
    def event(self, row: AuditEvent) -> str:
        return row.action

    @admin.display(description="by")
    def by(self, row: AuditEvent) -> str:
        return _by(row) or (short(row.actor) if row.actor else NOTHING)

    @admin.display(description="about")
    def about(self, row: AuditEvent) -> str:
        return short(row.subject) if row.subject else NOTHING

    @admin.display(description="details")
    def said(self, row: AuditEvent) -> str:
        told = {name: value for name, value in row.details.items() if name != "operator"}
        return _words(told) or NOTHING

    def name_of(self, row: AuditEvent) -> str:
        return f"Event {row.seq}: {row.action}"

    def facts(self, row: AuditEvent) -> list[tuple[str, Any]]:
        return [
            ("Organisation", self.organisation(row)),
            ("Event", row.action),
            ("Place in its chain", row.seq),
            ("At", row.at),
            ("By", _by(row) or row.actor or NOTHING),
            ("About", row.subject or NOTHING),
            ("Details", self.said(row)),
            ("Hash", bytes(row.hash).hex()),
        ]


def _by(row: AuditEvent) -> str:
    operator = row.details.get("operator")
    return f"operator {operator}" if operator else ""


def _words(details: dict[str, Any]) -> str:
    """Members as `name: value`, what lies in them in brackets."""
    return ", ".join(
        f"{name.replace('_', ' ')}: {f'({_words(value)})' if isinstance(value, dict) else value}"
        for name, value in sorted(details.items())
    )
