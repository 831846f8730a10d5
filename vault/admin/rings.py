"""Key rings: versions, states and counts. The bytes of keys, wrapped or not, are never loaded here."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from vault.admin.pages import NOTHING, OperatorPage, Panel, badge
from vault.models import KeyRing, KeyVersion, ObjectKey


class RingState(admin.SimpleListFilter):
    """In use, or destroyed for ever."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("in_use", "In use"), ("destroyed", "Destroyed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[KeyRing]) -> QuerySet[KeyRing]:
        return queryset.filter(shredded_at__isnull=self.value() == "in_use") if self.value() else queryset


class RingPage(OperatorPage):
    codes = ("rings", "ring")
    title = "Key rings"
    list_display = ["whose", "kind", "condition", "current", "objects", "created_at"]
    list_display_links = ["whose"]
    list_filter = [RingState]
    ordering = ["created_at", "id"]
    note = (
        "Keys themselves can be seen nowhere: rings hold them wrapped under the root key, and no page shows even that."
    )

    def owners(self, rows: Iterable[KeyRing]) -> set[str]:
        return {row.owner for row in rows}

    def get_queryset(self, request: HttpRequest) -> QuerySet[KeyRing]:
        keys = ObjectKey.objects.filter(owner=OuterRef("owner")).order_by().values("owner")
        return KeyRing.objects.annotate(count=Subquery(keys.annotate(count=Count("id")).values("count")))

    def shown(self, request: HttpRequest, code: str, rows: Iterable[KeyRing]) -> None:
        """With the names of their owners."""
        super().shown(request, code, rows)
        names = self.admin_site.owners_named(self.owners(rows))
        for row in rows:
            row.owner_name = names[row.owner]  # type: ignore[attr-defined]

    @admin.display(description="owner", ordering="owner")
    def whose(self, row: Any) -> str:
        return str(row.owner_name)

    @admin.display(description="kind")
    def kind(self, row: KeyRing) -> str:
        kind = row.owner.partition(":")[0]
        return "organisation" if kind == "tenant" else kind

    @admin.display(description="state", ordering="shredded_at")
    def condition(self, row: KeyRing) -> Any:
        return badge("destroyed" if row.shredded_at else "in_use")

    @admin.display(description="objects", ordering="count")
    def objects(self, row: Any) -> int:
        return row.count or 0

    def name_of(self, row: KeyRing) -> str:
        return f"Key ring of {self.whose(row)}"

    def facts(self, row: KeyRing) -> list[tuple[str, Any]]:
        return [
            ("Owner", self.whose(row)),
            ("Kind of owner", self.kind(row)),
            ("State", self.condition(row)),
            ("Current version", row.current),
            ("Objects with a key of it", self.objects(row)),
            ("Made", row.created_at),
            ("Destroyed", row.shredded_at or NOTHING),
        ]

    def panels(self, row: KeyRing) -> list[Panel]:
        versions = KeyVersion.objects.filter(ring=row).order_by("-version").values_list("version", "created_at")
        rows = [(version, badge(_condition(row, version)), made) for version, made in versions]
        return [Panel("Versions", ["Version", "State", "Made"], rows)]


def _condition(ring: KeyRing, version: int) -> str:
    if ring.shredded_at:
        return "destroyed"
    return "current" if version == ring.current else "opens_only"
