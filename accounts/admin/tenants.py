"""Organisations: what they are and use, and the moves of their life."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from accounts.admin.names import name_of
from accounts.models import Connection, Notification, Tenant, User
from accounts.sealed import tenant_owner
from accounts.selectors import address_tenant, tenants_find
from accounts.services import people_counts, tenant_close, tenant_resume, tenant_suspend
from accounts.services.tenant_life import EXPORT_DAYS_LEAST, EXPORT_DAYS_MOST
from vault.admin.moves import Move
from vault.admin.pages import NOTHING, OperatorPage, Panel, badge, link, list_address, page_address, short
from vault.services import owners_usage

State = Tenant.State
REASONS = [
    ("requested", "The organisation asked for it"),
    ("contract", "Its contract"),
    ("payment", "A payment that is due"),
    ("abuse", "Abuse of the service"),
    ("security", "A security incident"),
    ("mistake", "To undo a mistake"),
    ("other", "Another reason"),
]


class Reasoned(forms.Form):
    reason = forms.ChoiceField(
        choices=REASONS, help_text="Kept in the organisation's audit log, which its admins read."
    )


class Closing(Reasoned):
    days = forms.IntegerField(
        label="Days to fetch what is theirs", min_value=EXPORT_DAYS_LEAST, max_value=EXPORT_DAYS_MOST, initial=30
    )


def _suspend(row: Tenant, operator: str, *, reason: str) -> str:
    tenant_suspend(tenant_id=row.id, operator=operator, reason=reason)
    return "Suspended. Nobody there signs in and nothing is delivered to them; nothing is lost."


def _resume(row: Tenant, operator: str, *, reason: str) -> str:
    tenant_resume(tenant_id=row.id, operator=operator, reason=reason)
    return "Active again. What was waiting is delivered within a minute."


def _close(row: Tenant, operator: str, *, reason: str, days: int) -> str:
    tenant_close(tenant_id=row.id, days=days, operator=operator, reason=reason)
    return f"Closing. Its people sign in and fetch for {days} days, then its keys are destroyed."


_MOVES = [
    Move(
        "suspend",
        "Suspend",
        "Nobody there signs in and nothing is delivered to them until it is resumed. Sessions end with their "
        "next request. Nothing is lost.",
        _suspend,
        Reasoned,
        lambda row: row.state in Tenant.OPEN,
    ),
    Move(
        "resume",
        "Resume",
        "The organisation is active again: its people sign in, and what waited is delivered.",
        _resume,
        Reasoned,
        lambda row: row.state in {State.SUSPENDED, State.CLOSING},
    ),
    Move(
        "close",
        "Close",
        "Its people are told by mail. For the days that you give they sign in and fetch, and send nothing. Then "
        "everything of theirs but the audit log is deleted and their keys are destroyed, which nobody can undo. "
        "Until then the organisation can be resumed.",
        _close,
        Closing,
        lambda row: row.state in {*Tenant.OPEN, State.SUSPENDED},
        harm=True,
    ),
]


class TenantPage(OperatorPage):
    codes = ("organisations", "organisation")
    title = "Organisations"
    list_display = ["called", "kind", "condition", "people", "stored", "created_at"]
    list_display_links = ["called"]
    list_filter = ["state", "kind"]
    ordering = ["-created_at", "id"]
    search_fields = ["id"]
    search_help_text = "An id, the exact name, or the address of somebody there"
    moves = _MOVES

    def owners(self, rows: Iterable[Tenant]) -> set[str]:
        return {tenant_owner(row.id) for row in rows}

    def shown(self, request: HttpRequest, code: str, rows: Iterable[Tenant]) -> None:
        """With what they use: two queries, however many they are."""
        super().shown(request, code, rows)
        usage = owners_usage(owners=[tenant_owner(row.id) for row in rows])
        counted = people_counts(tenant_ids=[row.id for row in rows])
        for row in rows:
            row.objects_stored, row.bytes_stored = usage.get(tenant_owner(row.id), (0, 0))  # type: ignore[attr-defined]
            row.people_counted = counted.get(row.id, 0)  # type: ignore[attr-defined]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term:
            return queryset, False
        found: set[UUID] = {tenant.id for tenant in tenants_find(search_term)}
        return queryset.filter(id__in=found | address_tenant(search_term)), False

    def name_of(self, row: Tenant) -> str:
        return name_of(row)

    @admin.display(description="name")
    def called(self, row: Tenant) -> str:
        return name_of(row)

    @admin.display(description="state", ordering="state")
    def condition(self, row: Tenant) -> Any:
        return badge(row.state)

    @admin.display(description="people")
    def people(self, row: Any) -> int:
        return int(row.people_counted)

    @admin.display(description="stored")
    def stored(self, row: Any) -> str:
        return filesizeformat(row.bytes_stored)

    def facts(self, row: Any) -> list[tuple[str, Any]]:
        return [
            ("State", self.condition(row)),
            ("Kind", row.kind),
            ("Id", row.id),
            ("Made", row.created_at),
            ("Closes", row.closes_at or NOTHING),
            ("Language of its mails", row.language),
            ("People", row.people_counted),
            ("Objects", row.objects_stored),
            ("Stored", filesizeformat(row.bytes_stored)),
        ]

    def links(self, row: Tenant) -> list[tuple[str, str]]:
        query = f"organisation={row.id}"
        return [
            ("People", list_address(User, query)),
            ("Quotas", reverse("admin:rules_quotas_of", args=[row.id])),
            ("Policy", reverse("admin:rules_policy_of", args=[row.id])),
            ("Jobs", f"{reverse('admin:exchange_job_changelist')}?{query}&phase=all"),
            ("Deliveries", f"{reverse('admin:exchange_delivery_changelist')}?{query}"),
            ("Uploads", f"{reverse('admin:exchange_upload_changelist')}?{query}"),
            ("Mails", list_address(Notification, f"{query}&phase=all")),
            ("Audit log", f"{reverse('admin:accounts_auditevent_changelist')}?{query}"),
        ]

    def panels(self, row: Tenant) -> list[Panel]:
        by_state = User.objects.filter(tenant=row).values_list("role", "state").annotate(count=Count("id"))
        between = Connection.objects.filter(Q(first=row) | Q(second=row)).order_by("created_at")
        connections = [
            (link(short(one.id), page_address(Connection, one.id)), badge(one.state), one.created_at) for one in between
        ]
        return [
            Panel("People by role", ["Role", "State", "How many"], [
                (role, badge(state), count) for role, state, count in by_state.order_by("role", "state")
            ]),
            Panel("Connections", ["Connection", "State", "Since"], connections),
        ]  # fmt: skip
