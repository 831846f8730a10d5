"""Mails that are owed: which event, how often it was tried. Not to whom, and not what they say."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.pages import OrganisationFilter, TenantRowsPage
from accounts.models import Notification
from accounts.services import notification_retry
from vault.admin.moves import Move
from vault.admin.pages import NOTHING, badge

State = Notification.State


class Phase(admin.SimpleListFilter):
    """What is still owed, unless all is asked for."""

    title = "phase"
    parameter_name = "phase"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("failing", "Failing"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        owed, *others = super().choices(changelist)
        return [owed | {"display": "Owed"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        owed = queryset.filter(state__in=[State.WAITING, State.FAILED])
        return owed.filter(attempts__gt=0) if self.value() == "failing" else owed


def _retry(row: Notification, operator: str) -> str:
    notification_retry(tenant_id=row.tenant_id, notification_id=row.id, operator=operator)
    return "The mail is tried again within a minute."


class NotificationPage(TenantRowsPage):
    codes = ("mails", "mail")
    title = "Mails"
    list_display = ["number", "organisation", "told", "condition", "attempts", "next_try", "created_at"]
    list_filter = [Phase, OrganisationFilter, "state"]
    ordering = ["-created_at", "id"]
    moves = [
        Move(
            "retry", "Try again", "The mail goes out with the next round, to whom it was written.",
            _retry, possible=lambda row: row.state == State.FAILED,
        )
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        return super().get_queryset(request).defer("address_sealed", "context_sealed", "key")

    @admin.display(description="state", ordering="state")
    def condition(self, row: Notification) -> Any:
        return badge(row.state)

    @admin.display(description="tells of", ordering="event")
    def told(self, row: Notification) -> str:
        return row.event.replace("_", " ")

    @admin.display(description="next try", ordering="run_after")
    def next_try(self, row: Notification) -> Any:
        return row.run_after if row.state == State.WAITING else None

    def facts(self, row: Notification) -> list[tuple[str, Any]]:
        return [
            ("Organisation", self.organisation(row)),
            ("Tells of", self.told(row)),
            ("State", self.condition(row)),
            ("Tries", row.attempts),
            ("Next try", self.next_try(row) or NOTHING),
            ("In a digest", "yes" if row.digest else "no"),
            ("Written", row.created_at),
            ("Sent", row.sent_at or NOTHING),
        ]
