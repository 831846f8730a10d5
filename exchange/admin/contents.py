"""Deliveries and uploads: states, sizes and times. There is nothing here that opens a text or a document."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat

from accounts.admin.pages import OrganisationFilter, TenantRowsPage
from exchange.models import Delivery, Upload
from vault.admin.pages import NOTHING, badge


class DeliveryPage(TenantRowsPage):
    codes = ("deliveries", "delivery")
    title = "Deliveries"
    list_display = ["number", "organisation", "condition", "files", "size", "delivered_at", "expires_at"]
    list_filter = [OrganisationFilter, "state"]
    ordering = ["-delivered_at", "id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        rows = super().get_queryset(request).only(
            "tenant", "message_id", "state", "sent_at", "delivered_at", "opened_at", "downloaded_at", "expires_at",
            "downloads_most", "archived_at", "recalled_at", "erased_at",
        )  # fmt: skip
        return rows.annotate(count=Count("documents"), bytes=Sum("documents__size", default=0))

    @admin.display(description="state", ordering="state")
    def condition(self, row: Delivery) -> Any:
        return badge("erased" if row.erased_at else row.state)

    @admin.display(description="documents")
    def files(self, row: Any) -> int:
        return int(row.count)

    @admin.display(description="size")
    def size(self, row: Any) -> str:
        return filesizeformat(row.bytes)

    def facts(self, row: Delivery) -> list[tuple[str, Any]]:
        return [
            ("Organisation", self.organisation(row)),
            ("State", self.condition(row)),
            ("Message", row.message_id),
            ("Documents", self.files(row)),
            ("Size", self.size(row)),
            ("Sent", row.sent_at),
            ("Delivered", row.delivered_at),
            ("Opened", row.opened_at or NOTHING),
            ("Downloaded", row.downloaded_at or NOTHING),
            ("Expires", row.expires_at),
            ("Most downloads", row.downloads_most or NOTHING),
            ("Archived", row.archived_at or NOTHING),
            ("Recalled", row.recalled_at or NOTHING),
            ("Erased", row.erased_at or NOTHING),
        ]


class UploadPage(TenantRowsPage):
    codes = ("uploads", "upload")
    title = "Uploads"
    list_display = ["number", "organisation", "condition", "bytes", "parts_stored", "created_at", "expires_at"]
    list_filter = [OrganisationFilter, "state"]
    ordering = ["-created_at", "id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upload]:
        rows = super().get_queryset(request).only("tenant", "size", "state", "created_at", "expires_at")
        return rows.annotate(stored=Count("parts__stored_at"))

    @admin.display(description="state", ordering="state")
    def condition(self, row: Upload) -> Any:
        return badge(row.state)

    @admin.display(description="size", ordering="size")
    def bytes(self, row: Upload) -> str:
        return filesizeformat(row.size)

    @admin.display(description="parts stored")
    def parts_stored(self, row: Any) -> int:
        return int(row.stored)

    def facts(self, row: Upload) -> list[tuple[str, Any]]:
        return [
            ("Organisation", self.organisation(row)),
            ("State", self.condition(row)),
            ("Size", self.bytes(row)),
            ("Parts stored", self.parts_stored(row)),
            ("Begun", row.created_at),
            ("Expires", row.expires_at),
        ]
