"""Where the user is signed in."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from accounts.roles import PEOPLE
from accounts.services import session_list
from portal.pages.views import Page


class SessionsPage(Page):
    template = "portal/sessions.html"
    roles = PEOPLE

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        return {"sessions": session_list(peer=peer)}
