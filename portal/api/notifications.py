"""How a person hears of what happens, by e-mail."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import OWN_PASSWORD
from accounts.services import notification_prefer, notification_preferences
from portal.api.fields import StrictSerializer
from portal.api.views import SignedView, parsed, peer_of


class NotificationModes(StrictSerializer):
    modes = serializers.DictField(child=serializers.CharField(max_length=16))


class NotificationsView(SignedView):
    roles = OWN_PASSWORD

    def get(self, request: Request) -> Response:
        return Response({"notifications": notification_preferences(peer=peer_of(request))})

    def put(self, request: Request) -> Response:
        chosen = parsed(NotificationModes, request)
        return Response({"notifications": notification_prefer(peer=peer_of(request), **chosen)})
