"""Groups, for the organisation's admins."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.peer import Peer
from accounts.roles import ADMINS
from accounts.services import group_list, group_show
from portal.pages.views import Page


class GroupsPage(Page):
    template = "portal/groups.html"
    roles = ADMINS

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        return {"groups": group_list(peer=peer)}


class GroupPage(Page):
    template = "portal/group.html"
    roles = ADMINS

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        return {"group": group_show(peer=peer, group_id=place["group_id"])}
