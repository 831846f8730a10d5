"""The people of an organisation, and one of them."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from accounts.roles import ADMINS
from accounts.services import person_show, team_list
from portal.pages.views import Page


class TeamPage(Page):
    template = "portal/team.html"
    roles = ADMINS

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        team = team_list(peer=peer)
        return team | {"removed": sum(person["state"] == "removed" for person in team["people"])}


class PersonPage(Page):
    template = "portal/person.html"
    roles = ADMINS

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        return {"person": person_show(peer=peer, user_id=place["user_id"])}
