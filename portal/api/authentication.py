"""Django REST framework's view of a sealed session: the middleware has authenticated already."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from accounts.peer import Peer
from accounts.roles import role_check


class SealedSessionAuthentication(BaseAuthentication):
    """`request.user` and `request.auth` from the peer that SealedMiddleware left on the request."""

    def authenticate(self, request: Request) -> tuple[User, Peer] | None:
        peer = getattr(request._request, "peer", None)
        return (peer.user, peer) if peer else None

    def authenticate_header(self, request: Request) -> str:
        return "Signature"


class MayAsk(BasePermission):
    """Only signed requests, of the roles that the view names. RoleForbidden."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.auth is None:
            return False
        role_check(request.auth, view.roles if request.method == "GET" else view.change_roles or view.roles)
        return True
