"""What an organisation uses of what it may use."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from accounts.roles import ADMINS
from exchange.services import usage_show
from portal.pages.views import Page


class UsagePage(Page):
    template = "portal/usage.html"
    roles = ADMINS

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        return usage_show(peer=peer)
