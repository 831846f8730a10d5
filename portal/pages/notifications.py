"""How a person hears of what happens."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.notifications import Mode
from accounts.peer import Peer
from accounts.roles import OWN_PASSWORD
from accounts.services import notification_preferences
from portal.pages.views import Page

_WORDS = {Mode.AT_ONCE: "At once", Mode.DIGEST: "Once a day", Mode.OFF: "Not at all"}


class NotificationsPage(Page):
    template = "portal/notifications.html"
    roles = OWN_PASSWORD

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        modes = [{"mode": mode.value, "words": words} for mode, words in _WORDS.items()]
        return {"notifications": notification_preferences(peer=peer), "modes": modes}
