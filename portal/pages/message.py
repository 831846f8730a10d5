"""One received message."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from exchange.services import inbox_show
from portal.pages.views import Page


class MessagePage(Page):
    template = "portal/message.html"

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        return {"message": inbox_show(peer=peer, message_id=place["message_id"])}
