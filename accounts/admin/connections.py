"""Connections between organisations."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.names import name_of
from accounts.models import Connection, Tenant
from accounts.sealed import tenant_owner
from vault.admin.pages import NOTHING, OperatorPage, badge, link, page_address


class ConnectionPage(OperatorPage):
    codes = ("connections", "connection")
    title = "Connections"
    list_display = ["number", "one", "other", "condition", "created_at", "ended_at"]
    list_filter = ["state"]
    ordering = ["-created_at", "id"]

    def owners(self, rows: Iterable[Connection]) -> set[str]:
        return {tenant_owner(side) for row in rows for side in (row.first_id, row.second_id)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        return super().get_queryset(request).select_related("first", "second")

    @admin.display(description="one side")
    def one(self, row: Connection) -> Any:
        return link(name_of(row.first), page_address(Tenant, row.first_id))

    @admin.display(description="other side")
    def other(self, row: Connection) -> Any:
        return link(name_of(row.second), page_address(Tenant, row.second_id))

    @admin.display(description="state", ordering="state")
    def condition(self, row: Connection) -> Any:
        return badge(row.state)

    def name_of(self, row: Connection) -> str:
        return f"{name_of(row.first)} and {name_of(row.second)}"

    def facts(self, row: Connection) -> list[tuple[str, Any]]:
        return [
            ("State", self.condition(row)),
            ("One side", self.one(row)),
            ("Suspended by it", "yes" if row.first_suspended else "no"),
            ("Other side", self.other(row)),
            ("Suspended by it", "yes" if row.second_suspended else "no"),
            ("Since", row.created_at),
            ("Ended", row.ended_at or NOTHING),
        ]
