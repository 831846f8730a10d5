"""One file request and what was deposited by it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from exchange.services import me_show, request_show
from portal.pages.views import Page


class FileRequestPage(Page):
    template = "portal/file_request.html"

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        limits = me_show(peer=peer)["limits"]
        return {"asked": request_show(peer=peer, request_id=place["request_id"]), "limits": limits}
