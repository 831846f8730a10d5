"""The outbox."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from exchange.services import outbox_list
from portal.api.views import archived_asked
from portal.pages.views import Page


class OutboxPage(Page):
    template = "portal/outbox.html"

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        archived = archived_asked(request)
        return outbox_list(peer=peer, before=request.GET.get("before"), archived=archived) | {"archived": archived}
