"""Writing a message."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from accounts.services import guests_refusal
from exchange.services import me_show
from portal.pages.schema_form import steps_said, types_said
from portal.pages.views import Page

_DAYS = (1, 3, 7, 14, 30, 60, 90, 180, 365)


class ComposePage(Page):
    template = "portal/compose.html"

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        me = me_show(peer=peer)
        limits, policy = me["limits"], me["policy"]
        most, default = limits["expires_days_max"], limits["expires_days_default"]
        titles = {step["step"]: step["title"] for step in policy["mandatory_steps"]}
        return {
            "limits": limits,
            "policy": policy,
            "guests_refused": guests_refusal(peer),
            "days": sorted({most, default, *(days for days in _DAYS if days <= most)}),
            "types_only": types_said(policy["types_allowed"], none=""),
            "types_never": types_said(policy["types_refused"], none=""),
            "mandatory": [steps_said([step], titles) for step in policy["mandatory_steps"]],
            "steps_reason": next((step["reason"] for step in me["steps"]), ""),
        }
