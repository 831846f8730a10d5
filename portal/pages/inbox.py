"""The inbox."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from accounts.roles import RECIPIENTS, SENDERS
from exchange.services import inbox_page
from portal.api.views import archived_asked, uuid_asked
from portal.pages.views import Page


class InboxPage(Page):
    template = "portal/inbox.html"
    roles = RECIPIENTS

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        mailbox = uuid_asked(request, "mailbox")
        archived = archived_asked(request)
        shown = inbox_page(peer=peer, before=request.GET.get("before"), mailbox=mailbox, archived=archived)
        return shown | {"may_send": peer.user.role in SENDERS, "archived": archived}
