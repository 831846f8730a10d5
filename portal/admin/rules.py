"""Policies and quotas for operators: forms made from the schema of the rules, and who changed what.

Of an organisation's policy an operator sets everything but its steps, which are shown without what they are told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.admin.names import name_of
from accounts.models import RulesKind, Tenant
from accounts.models.rules import STEPS
from accounts.rules import first_members, platform_members
from accounts.sealed import tenant_owner
from accounts.selectors import rules_version
from accounts.selectors.rules import platform_bare, rules_bare
from accounts.services import policy_change_operator, quotas_change
from exchange.services.policy import platform_rules_change
from portal.admin.rules_form import RulesForm
from portal.admin.rules_words import RULES, history_said, rules_said
from sealpost.errors import SealpostError
from vault.admin.pages import page_address
from vault.services import ring_keys_load


def rules_urls(site: AdminSite) -> list[URLPattern]:
    """The addresses of the rules."""
    pages = RulesPages(site)
    view = site.admin_view
    return [
        path("rules/", view(pages.overview), name="rules"),
        path("rules/policy/", view(pages.policy), name="rules_policy"),
        path("rules/quotas/", view(pages.quotas), name="rules_quotas"),
        path("rules/policy/<uuid:tenant_id>/", view(pages.policy_of), name="rules_policy_of"),
        path("rules/policy/<uuid:tenant_id>/change/", view(pages.policy_change_of), name="rules_policy_change_of"),
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
    back: str
    tenant: Tenant | None = None

    def schema(self) -> dict[str, Any]:
        """Of what may be set: an organisation's steps are its admins' alone."""
        schema = RULES[self.kind].model_json_schema()
        if self.tenant:
            schema["properties"].pop(STEPS, None)
        return schema


class RulesPages:
    """The platform's defaults, and what organisations have of their own."""

    def __init__(self, site: AdminSite) -> None:
        self.site = site

    def overview(self, request: HttpRequest) -> HttpResponse:
        """What holds where an organisation sets nothing."""
        tables = [
            {"title": f"Default {kind}", "address": f"admin:rules_{kind}", "rows": rules_said(kind, {})}
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
        """The policy of an organisation and every change of it."""
        tenant = self._tenant(request, tenant_id, "policy")
        kind = RulesKind.POLICY
        return self._page(
            request, "operator/policy_of.html", f"Policy of {name_of(tenant)}", tenant=tenant,
            rows=rules_said(kind, rules_bare(tenant.id, kind)), history=history_said(kind, tenant.id),
            may_change=_may_change(tenant),
        )  # fmt: skip

    def policy_change_of(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        """The policy of an organisation, to be changed; its steps stay as they are."""
        tenant, kind = self._tenant(request, tenant_id, "policy"), RulesKind.POLICY
        if not _may_change(tenant):
            raise Http404
        own, version = rules_bare(tenant.id, kind), rules_version(tenant.id, kind)

        def change(members: dict[str, Any], expected: int, operator: str) -> int:
            return policy_change_operator(tenant=tenant, members=members, operator=operator, expected_version=expected)

        back = reverse("admin:rules_policy_of", args=[tenant.id])
        title = f"Change the policy of {name_of(tenant)}"
        return self._form(request, Edited(kind, title, own, platform_members(kind), version, change, back, tenant))

    def quotas_of(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        """The quotas of an organisation, to be changed."""
        tenant, kind = self._tenant(request, tenant_id, "quotas"), RulesKind.QUOTAS
        own, version = rules_bare(tenant.id, kind), rules_version(tenant.id, kind)

        def change(members: dict[str, Any], expected: int, operator: str) -> int:
            return quotas_change(tenant=tenant, members=members, operator=operator, expected_version=expected)

        title, back = f"Quotas of {name_of(tenant)}", page_address(Tenant, tenant.id)
        return self._form(request, Edited(kind, title, own, platform_members(kind), version, change, back, tenant))

    def _platform(self, request: HttpRequest, kind: RulesKind) -> HttpResponse:
        version, own = platform_bare(kind)

        def change(members: dict[str, Any], expected: int, operator: str) -> int:
            return platform_rules_change(kind=kind, members=members, operator=operator, expected_version=expected)

        back = reverse("admin:rules")
        return self._form(request, Edited(kind, f"Default {kind}", own, first_members(kind), version, change, back))

    def _form(self, request: HttpRequest, edited: Edited) -> HttpResponse:
        given, initial = request.POST if request.method == "POST" else None, {"version": edited.version}
        form = RulesForm(edited.schema(), edited.own, edited.defaults, data=given, initial=initial)
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
                return HttpResponseRedirect(edited.back)
        words = {row["name"]: row["said"] for row in rules_said(edited.kind, {}, edited.defaults)}
        context = {
            "form": form,
            "rows": [row | {"default": words[row["shape"]["name"]]} for row in form.rows()],
            "tenant": edited.tenant,
            "back": edited.back,
            "history": history_said(edited.kind, edited.tenant.id if edited.tenant else None),
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


def _may_change(tenant: Tenant) -> bool:
    return tenant.kind == Tenant.Kind.ORGANISATION and tenant.state != Tenant.State.CLOSED
