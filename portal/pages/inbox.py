"""The inbox."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from exchange.services import inbox_list
from portal.pages.views import Page


class InboxPage(Page):
    template = "portal/inbox.html"

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        return inbox_list(peer=peer, before=request.GET.get("before"))
