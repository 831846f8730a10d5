"""File requests, as their makers see them."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from exchange.services import mailboxes_for_requests, me_show, request_list
from portal.pages.views import Page


class RequestsPage(Page):
    template = "portal/requests.html"

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        limits = {"limits": me_show(peer=peer)["limits"], "mailboxes": mailboxes_for_requests(peer=peer)}
        return request_list(peer=peer, before=request.GET.get("before")) | limits
