"""What belongs to the signed-in person alone."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.notifications import LANGUAGES
from accounts.peer import Peer
from accounts.roles import OWN_PASSWORD
from accounts.services import account_show
from portal.pages.views import Page

_SPOKEN = {"en": "English", "de": "Deutsch"}


class AccountPage(Page):
    template = "portal/account.html"
    roles = OWN_PASSWORD

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        languages = [{"code": code, "words": _SPOKEN[code]} for code in LANGUAGES]
        spoken = _SPOKEN.get(peer.tenant.language, peer.tenant.language)
        return {"account": account_show(peer=peer), "languages": languages, "organisation_language": spoken}
