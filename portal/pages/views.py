"""What every page shares: a static shell when navigated to, a fragment for the engine that signed."""

from collections.abc import Container
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.peer import Peer
from accounts.roles import SENDERS, role_check


def shell(request: HttpRequest, **_: Any) -> HttpResponse:
    """The static shell, the same for everybody: no user data."""
    return render(request, "base.html")


class Page(View):
    """A page with `template`; subclasses give its `context(peer)`."""

    template: str
    roles: Container[str] = SENDERS

    def get(self, request: HttpRequest, **place: UUID) -> HttpResponse:
        """The fragment for a signed request, the shell otherwise."""
        peer: Peer | None = getattr(request, "peer", None)
        if peer is None:
            return shell(request)
        role_check(peer, self.roles)
        return render(request, self.template, self.context(peer, request, **place))

    def context(self, peer: Peer, request: HttpRequest, **place: UUID) -> dict[str, Any]:
        """What the template shows: one selector or service."""
        return {}
