"""The audit log in sentences."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest

from accounts.models import User
from accounts.peer import Peer
from accounts.roles import AUDIT_READERS
from exchange.services import audit_list, audit_people
from portal.api.audit import filters_asked
from portal.audit_words import actions_grouped, detail_rows, sentence_parts
from portal.pages.views import Page


class AuditPage(Page):
    template = "portal/audit.html"
    roles = AUDIT_READERS

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        filters, before = filters_asked(peer, request.GET)
        found = audit_list(peer=peer, filters=filters, before=before)
        asked = filters.members()
        for event in found["events"]:
            event["sentence"], event["rows"] = sentence_parts(event), detail_rows(event)
        return {
            "events": found["events"],
            "older": urlencode(asked | {"before": found["next"]}) if found["next"] else "",
            "later": bool(before),
            "asked": asked,
            "since": asked.get("from", ""),
            "people": audit_people(peer=peer),
            "actions": actions_grouped(),
            "is_admin": peer.user.role == User.Role.ADMIN,
        }
