"""Storage: bytes per owner, and what nobody can open any more."""

import logging
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from vault.admin.pages import OperatorPage, list_address
from vault.models import KeyRing, ObjectKey, StoredObject
from vault.services import orphans_count, orphans_sweep, stored_usage

_SHOWN = 100
_log = logging.getLogger("sealpost.operators")


class StoragePage(OperatorPage):
    codes = ("storage", "storage")

    def owners(self, rows: Iterable[dict[str, Any]]) -> set[str]:
        return {row["owner"] for row in rows}

    def get_urls(self) -> list[URLPattern]:
        """One page and its two buttons; an object has no page."""
        view = self.admin_site.admin_view
        return [
            path("", view(require_safe(self.list_view)), name="vault_storedobject_changelist"),
            path("count/", view(require_POST(self.count_view)), name="vault_storedobject_count"),
            path("sweep/", view(self.sweep_view), name="vault_storedobject_sweep"),
        ]

    def list_view(self, request: HttpRequest) -> HttpResponse:
        held = ObjectKey.objects.values("owner").annotate(count=Count("id"), bytes=Sum("object__size", default=0))
        found: list[dict[str, Any]] = [dict(row) for row in held.order_by("-bytes", "owner")[:_SHOWN]]
        self.shown(request, self.codes[0], found)
        names = self.admin_site.owners_named(self.owners(found))
        rings = dict(KeyRing.objects.filter(owner__in=names).values_list("owner", "id"))
        rows = [row | {"name": names[row["owner"]], "ring": rings.get(row["owner"])} for row in found]
        objects, total = stored_usage()
        return self.render(
            request, "operator/storage.html", "Storage", rows=rows, most=_SHOWN, objects=objects, bytes=total
        )

    def count_view(self, request: HttpRequest) -> HttpResponse:
        """Look for orphans."""
        found = orphans_count()
        self.message_user(
            request, f"{found.objects} objects without a key and {found.files} files without a row, older than a day."
        )
        return HttpResponseRedirect(list_address(StoredObject))

    def sweep_view(self, request: HttpRequest) -> HttpResponse:
        """Ask, and on POST remove orphans."""
        if request.method != "POST":
            return self.render(request, "operator/sweep.html", "Remove orphans", back=list_address(StoredObject))
        gone = orphans_sweep()
        _log.info("operator %s removed %d objects, %d files", self.operator(request), gone.objects, gone.files)
        self.message_user(
            request, f"Removed {gone.objects} objects without a key and {gone.files} files without a row.",
            messages.SUCCESS,
        )  # fmt: skip
        return HttpResponseRedirect(list_address(StoredObject))
