"""Legal holds, for admins."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from accounts.roles import ADMINS
from exchange.selectors import hold_choices, holds_list
from portal.pages.views import Page


class HoldsPage(Page):
    template = "portal/holds.html"
    roles = ADMINS

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        return {"holds": holds_list(peer=peer), "choices": hold_choices(peer=peer)}
