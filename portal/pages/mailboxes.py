"""Shared mailboxes: all to an admin of the organisation, theirs to others."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from exchange.services import mailbox_show, mailboxes_shared
from portal.pages.views import Page


class MailboxesPage(Page):
    template = "portal/mailboxes.html"

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        return {"mailboxes": mailboxes_shared(peer=peer), "role": peer.user.role}


class MailboxPage(Page):
    template = "portal/mailbox.html"

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        mailbox = mailbox_show(peer=peer, mailbox_id=place["mailbox_id"])
        return {"mailbox": mailbox, "role": peer.user.role, "me": str(peer.user.id), "login": peer.user.login}
