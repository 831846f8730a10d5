"""Where an outsider answers a file request."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from accounts.roles import DEPOSITORS
from exchange.services import deposit_place, me_show
from portal.pages.views import Page


class DepositPage(Page):
    template = "portal/deposit.html"
    roles = DEPOSITORS

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        return {"asked": deposit_place(peer=peer), "policy": me_show(peer=peer)["policy"]}
