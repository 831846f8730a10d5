"""One sent message, and how far it came."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from accounts.rules import policy_of
from exchange.services import limits_show, outbox_show
from portal.pages.views import Page


class SentPage(Page):
    template = "portal/sent.html"

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        message = outbox_show(peer=peer, message_id=place["message_id"])
        return {"message": message, "limits": limits_show(tenant_id=peer.tenant.id, policy=policy_of(peer.tenant.id))}
