"""Organisations that this one exchanges documents with."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from accounts.roles import ADMINS
from accounts.services import connections_show
from portal.pages.schema_form import kinds_of, types_said
from portal.pages.views import Page

_DIRECTIONS = {"out": "What we send to them", "in": "What they send to us"}
_WHO = {"out": ("senders", "Who of us may send (none chosen: everybody)"),
        "in": ("recipients", "Whom of us they may send to (none chosen: everybody)")}  # fmt: skip
_OTHER = {"out": "in", "in": "out"}
_TYPES = {
    "types_refused": ("Refused types of documents", "none"),
    "types_allowed": ("Allowed types (none chosen: all)", "all"),
}


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
                    "types": [_types(name, connection["ours"][direction]) for name in _TYPES],
                    "theirs": connection["theirs"][_OTHER[direction]],
                    "theirs_said": _said(connection["theirs"][_OTHER[direction]]),
                }
                for direction, title in _DIRECTIONS.items()
            ]
        return shown


def _types(name: str, terms: dict[str, Any]) -> dict[str, Any]:
    """What somebody picks of a list of media types, and what it is now in words."""
    title, none = _TYPES[name]
    listed = terms.get(name, [])
    return {"name": name, "title": title, "said": types_said(listed, none=none)} | kinds_of(listed)


def _said(terms: dict[str, Any]) -> dict[str, str]:
    return {name: types_said(terms.get(name, []), none=none) for name, (_, none) in _TYPES.items()}
