"""What every API view shares."""

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.peer import Peer


def peer_of(request: Request) -> Peer:
    """The authenticated peer of a signed request."""
    peer: Peer = request.auth
    return peer


def parsed(serializer: type[Serializer], request: Request) -> dict[str, Any]:
    """The body's members, checked; ValidationError otherwise."""
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


class PublicView(APIView):
    """What is answered before a session exists."""

    authentication_classes = ()
    permission_classes = ()
