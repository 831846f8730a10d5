"""One received message."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from accounts.roles import RECIPIENTS
from exchange.services import inbox_show
from portal.api.views import uuid_asked
from portal.pages.views import Page


class MessagePage(Page):
    template = "portal/message.html"
    roles = RECIPIENTS

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        mailbox = uuid_asked(request, "mailbox")
        message = inbox_show(peer=peer, message_id=place["message_id"], mailbox=mailbox)
        return {"message": message}
