"""Policies and quotas for operators: forms made from the schema of the rules, and who changed what.

An organisation's own policy is its admins' to change and is only shown here, without the texts that its steps are told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.admin.names import name_of
from accounts.models import RulesKind, Tenant
from accounts.models.rules import STEPS
from accounts.rules import Policy, Quotas, first_members, platform_members
from accounts.sealed import tenant_owner
from accounts.selectors import rules_version
from accounts.selectors.rules import platform_bare, rules_bare, rules_history_operator
from accounts.services import platform_rules_change, quotas_change
from exchange.services.policy import steps_check
from exchange.steps.base import registered
from portal.admin.rules_form import RulesForm
from portal.pages.schema_form import fields_of, value_said
from sealpost.errors import SealpostError
from vault.services import ring_keys_load

_MODELS = {RulesKind.POLICY: Policy, RulesKind.QUOTAS: Quotas}


def rules_urls(site: AdminSite) -> list[URLPattern]:
    """The addresses of the rules."""
    pages = RulesPages(site)
    view = site.admin_view
    return [
        path("rules/", view(pages.overview), name="rules"),
        path("rules/policy/", view(pages.policy), name="rules_policy"),
        path("rules/quotas/", view(pages.quotas), name="rules_quotas"),
        path("rules/policy/<uuid:tenant_id>/", view(pages.policy_of), name="rules_policy_of"),
        path("rules/quotas/<uuid:tenant_id>/", view(pages.quotas_of), name="rules_quotas_of"),
    ]


@dataclass(frozen=True, slots=True)
class Edited:
    """What a form changes: the members that are set, what holds otherwise, and the service that sets them."""

    kind: RulesKind
    title: str
    own: dict[str, Any]
    defaults: dict[str, Any]
    version: int
    change: Callable[[dict[str, Any], int, str], int]
    tenant: Tenant | None = None


class RulesPages:
    """The platform's defaults, and what organisations have of their own."""

    def __init__(self, site: AdminSite) -> None:
        self.site = site

    def overview(self, request: HttpRequest) -> HttpResponse:
        """What holds where an organisation sets nothing."""
        tables = [
            {"title": f"Default {kind}", "address": f"admin:rules_{kind}", "rows": _said(kind, {})}
            for kind in RulesKind
        ]
        return self._page(request, "operator/rules.html", "Rules", tables=tables)

    def policy(self, request: HttpRequest) -> HttpResponse:
        """The default policy."""
        return self._platform(request, RulesKind.POLICY)

    def quotas(self, request: HttpRequest) -> HttpResponse:
        """The default quotas."""
        return self._platform(request, RulesKind.QUOTAS)

    def policy_of(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        """The policy of an organisation, to be read."""
        tenant = self._tenant(request, tenant_id, "policy")
        kind = RulesKind.POLICY
        return self._page(
            request, "operator/policy_of.html", f"Policy of {name_of(tenant)}", tenant=tenant,
            rows=_said(kind, rules_bare(tenant.id, kind)), history=_history(kind, tenant.id),
        )  # fmt: skip

    def quotas_of(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        """The quotas of an organisation, to be changed."""
        tenant, kind = self._tenant(request, tenant_id, "quotas"), RulesKind.QUOTAS
        own, version = rules_bare(tenant.id, kind), rules_version(tenant.id, kind)

        def change(members: dict[str, Any], expected: int, operator: str) -> int:
            return quotas_change(tenant=tenant, members=members, operator=operator, expected_version=expected)

        title = f"Quotas of {name_of(tenant)}"
        return self._form(request, Edited(kind, title, own, platform_members(kind), version, change, tenant))

    def _platform(self, request: HttpRequest, kind: RulesKind) -> HttpResponse:
        version, own = platform_bare(kind)

        def change(members: dict[str, Any], expected: int, operator: str) -> int:
            if STEPS in members:
                members = members | {STEPS: steps_check(members[STEPS])}
            return platform_rules_change(kind=kind, members=members, operator=operator, expected_version=expected)

        return self._form(request, Edited(kind, f"Default {kind}", own, first_members(kind), version, change))

    def _form(self, request: HttpRequest, edited: Edited) -> HttpResponse:
        options = {"data": request.POST} if request.method == "POST" else {"initial": {"version": edited.version}}
        form = RulesForm(_MODELS[edited.kind].model_json_schema(), edited.own, edited.defaults, **options)
        status = 200
        if request.method == "POST" and form.is_valid():
            try:
                edited.change(form.members(), form.cleaned_data["version"], str(request.user.pk))
            except SealpostError as error:
                field = error.members.get("field")
                form.add_error(field if field in form.fields else None, error.sentence)
                status = error.status
            else:
                messages.success(request, "Saved. It holds from the next action on.")
                return HttpResponseRedirect(request.path)
        words = {row["name"]: row["said"] for row in _said(edited.kind, {}, edited.defaults)}
        context = {
            "form": form,
            "rows": [row | {"default": words[row["shape"]["name"]]} for row in form.rows()],
            "tenant": edited.tenant,
            "history": _history(edited.kind, edited.tenant.id if edited.tenant else None),
        }
        return self._page(request, "operator/rules_form.html", edited.title, status=status, **context)

    def _tenant(self, request: HttpRequest, tenant_id: UUID, code: str) -> Tenant:
        """The organisation, whose log tells that its rules were shown."""
        tenant = Tenant.objects.filter(id=tenant_id).first()
        if tenant is None:
            raise Http404
        ring_keys_load(owners=[tenant_owner(tenant.id)])
        self.site.rows_shown(request, code, [tenant_owner(tenant.id)])  # type: ignore[attr-defined]
        return tenant

    def _page(
        self, request: HttpRequest, template: str, title: str, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        whole = self.site.each_context(request) | context | {"title": title}
        return TemplateResponse(request, template, whole, status=status)


def _titles() -> dict[str, str]:
    return {name: model.title for name, model in registered().items()}


def _said(kind: RulesKind, own: dict[str, Any], defaults: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Every member with what holds in words, and whether that is the organisation's own."""
    defaults = platform_members(kind) if defaults is None else defaults
    fields = fields_of(_MODELS[kind].model_json_schema(), defaults | own)
    return [
        {
            "name": field["name"],
            "title": field["title"],
            "said": value_said(field, field["value"], _titles()),
            "own": field["name"] in own,
        }
        for field in fields
    ]


def _history(kind: RulesKind, tenant_id: UUID | None) -> list[dict[str, Any]]:
    """Changes in words; a side that is missing was the default."""
    fields = {field["name"]: field for field in fields_of(_MODELS[kind].model_json_schema(), {})}
    titles = _titles()

    def side(change: dict[str, Any], name: str) -> str:
        field = fields.get(change["member"])
        return value_said(field, change[name], titles) if field and name in change else "default"

    return [
        one
        | {
            "changes": [
                {
                    "title": fields[change["member"]]["title"] if change["member"] in fields else change["member"],
                    "before": side(change, "before"),
                    "after": side(change, "after"),
                }
                for change in one["changes"]
            ]
        }
        for one in rules_history_operator(kind, tenant_id)
    ]
