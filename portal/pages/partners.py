"""Organisations that this one exchanges documents with."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from accounts.roles import ADMINS
from accounts.services import connections_show
from portal.pages.views import Page

_DIRECTIONS = {"out": "What we send to them", "in": "What they send to us"}
_WHO = {"out": ("senders", "Who of us may send (none chosen: everybody)"),
        "in": ("recipients", "Whom of us they may send to (none chosen: everybody)")}  # fmt: skip


class PartnersPage(Page):
    template = "portal/partners.html"
    roles = ADMINS

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        shown = connections_show(peer=peer)
        for connection in shown["connections"]:
            connection["terms"] = [
                {
                    "direction": direction,
                    "title": title,
                    "who": _WHO[direction][0],
                    "who_title": _WHO[direction][1],
                    "ours": connection["ours"][direction],
                    "theirs": connection["theirs"]["in" if direction == "out" else "out"],
                }
                for direction, title in _DIRECTIONS.items()
            ]
        return shown
