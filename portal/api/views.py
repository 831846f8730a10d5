"""What every API view shares."""

from collections.abc import Container
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.errors import NotFound
from accounts.peer import Peer
from accounts.roles import SENDERS


def peer_of(request: Request) -> Peer:
    """The authenticated peer of a signed request."""
    peer: Peer = request.auth
    return peer


def parsed(serializer: type[Serializer], request: Request) -> dict[str, Any]:
    """The body's members, checked; ValidationError otherwise."""
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def uuid_asked(request: Request | HttpRequest, name: str) -> UUID | None:
    """A uuid of the query, or None where it is absent. NotFound for what is none: there is nothing of that id."""
    value = request.GET.get(name)
    try:
        return UUID(value) if value else None
    except ValueError:
        raise NotFound from None


def archived_asked(request: Request | HttpRequest) -> bool:
    """Whether a list of what is archived is asked for."""
    return request.GET.get("archived") == "1"


class SignedView(APIView):
    """What only people of these roles may ask for; a view that serves others names them.

    `change_roles` where fewer may change than read.
    """

    roles: Container[str] = SENDERS
    change_roles: Container[str] | None = None


class PublicView(APIView):
    """What is answered before a session exists."""

    authentication_classes = ()
    permission_classes = ()
