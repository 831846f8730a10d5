"""The organisation's policy, for its admins (docs/protocol.md, section 11)."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import ADMINS
from exchange.services import policy_change, policy_show
from portal.api.fields import StrictSerializer
from portal.api.views import SignedView, parsed, peer_of


class PolicyChange(StrictSerializer):
    version = serializers.IntegerField(min_value=0, max_value=1 << 30)
    members = serializers.DictField()


class PolicyView(SignedView):
    roles = ADMINS

    def get(self, request: Request) -> Response:
        return Response(policy_show(peer=peer_of(request)))

    def put(self, request: Request) -> Response:
        asked = parsed(PolicyChange, request)
        members, version = asked["members"], asked["version"]
        return Response(policy_change(peer=peer_of(request), members=members, expected_version=version))
