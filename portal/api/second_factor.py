"""The second factor (docs/protocol.md, section 11.2)."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.roles import OWN_PASSWORD
from portal.api.fields import StrictSerializer
from portal.api.views import SignedView, parsed, peer_of


class Code(StrictSerializer):
    code = serializers.CharField(max_length=40)


class SecondFactorView(SignedView):
    roles = OWN_PASSWORD

    def get(self, request: Request) -> Response:
        return Response(services.second_factor_show(peer=peer_of(request)))

    def post(self, request: Request) -> Response:
        return Response(services.second_factor_begin(peer=peer_of(request)), status=201)


class SecondFactorConfirmView(SignedView):
    roles = OWN_PASSWORD

    def post(self, request: Request) -> Response:
        codes = services.second_factor_confirm(peer=peer_of(request), **parsed(Code, request))
        return Response({"recovery_codes": codes})


class SecondFactorCheckView(SignedView):
    roles = OWN_PASSWORD

    def post(self, request: Request) -> Response:
        services.second_factor_check(peer=peer_of(request), **parsed(Code, request))
        return Response({})


class SecondFactorRemoveView(SignedView):
    roles = OWN_PASSWORD

    def post(self, request: Request) -> Response:
        services.second_factor_remove(peer=peer_of(request), **parsed(Code, request))
        return Response({})
