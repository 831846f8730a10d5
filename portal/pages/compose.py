"""Writing a message."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from exchange.services import me_show
from portal.pages.views import Page


class ComposePage(Page):
    template = "portal/compose.html"

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        me = me_show(peer=peer)
        return {"limits": me["limits"], "steps_reason": next((step["reason"] for step in me["steps"]), "")}
