"""Legal holds (docs/protocol.md, section 11)."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import ADMINS
from exchange import services
from exchange.models import LegalHold
from exchange.selectors import holds_list
from portal.api.fields import StrictSerializer
from portal.api.views import SignedView, parsed, peer_of


class HoldPlace(StrictSerializer):
    kind = serializers.ChoiceField(choices=LegalHold.Target.values)
    target = serializers.UUIDField()
    reason = serializers.CharField(max_length=10_000, allow_blank=True)


class HoldLift(StrictSerializer):
    reason = serializers.CharField(max_length=10_000, allow_blank=True)


class HoldsView(SignedView):
    roles = ADMINS

    def get(self, request: Request) -> Response:
        return Response({"holds": holds_list(peer=peer_of(request))})

    def post(self, request: Request) -> Response:
        return Response(services.hold_place(peer=peer_of(request), **parsed(HoldPlace, request)), status=201)


class HoldLiftView(SignedView):
    roles = ADMINS

    def post(self, request: Request, hold_id: UUID) -> Response:
        return Response(services.hold_lift(peer=peer_of(request), hold_id=hold_id, **parsed(HoldLift, request)))
