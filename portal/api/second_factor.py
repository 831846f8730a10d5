"""The second factor (docs/protocol.md, section 11.2)."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.roles import OWN_PASSWORD
from portal.api.fields import StrictSerializer
from portal.api.views import SignedView, parsed, peer_of
from portal.origin import request_origin


class Code(StrictSerializer):
    code = serializers.CharField(max_length=40)


class Proof(StrictSerializer):
    """A code, or what a security key answered."""

    code = serializers.CharField(max_length=40, required=False)
    credential = serializers.DictField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError({"code": "one of code and credential"})
        return attrs


class KeyName(StrictSerializer):
    name = serializers.CharField(max_length=400)


class NewKey(KeyName):
    credential = serializers.DictField()


def proven(request: Request) -> dict[str, Any]:
    """How a factor is passed, as services take it."""
    members = parsed(Proof, request)
    return {
        "code": members.get("code", ""),
        "untrusted_credential": members.get("credential"),
        "origin": request_origin(request._request),
    }


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
        services.second_factor_check(peer=peer_of(request), **proven(request))
        return Response({})


class SecondFactorRemoveView(SignedView):
    roles = OWN_PASSWORD

    def post(self, request: Request) -> Response:
        services.second_factor_remove(peer=peer_of(request), **proven(request))
        return Response({})


class SecurityKeysView(SignedView):
    roles = OWN_PASSWORD

    def get(self, request: Request) -> Response:
        return Response({"keys": services.security_key_list(peer=peer_of(request))})

    def post(self, request: Request) -> Response:
        origin = request_origin(request._request)
        return Response({"options": services.security_key_begin(peer=peer_of(request), origin=origin)}, status=201)


class SecurityKeyConfirmView(SignedView):
    roles = OWN_PASSWORD

    def post(self, request: Request) -> Response:
        members = parsed(NewKey, request)
        key, codes = services.security_key_confirm(
            peer=peer_of(request),
            name=members["name"],
            untrusted_credential=members["credential"],
            origin=request_origin(request._request),
        )
        return Response({"key": key, "recovery_codes": codes})


class SecurityKeyChallengeView(SignedView):
    roles = OWN_PASSWORD

    def post(self, request: Request) -> Response:
        origin = request_origin(request._request)
        return Response({"options": services.security_key_challenge(peer=peer_of(request), origin=origin)}, status=201)


class SecurityKeyView(SignedView):
    roles = OWN_PASSWORD

    def patch(self, request: Request, key_id: UUID) -> Response:
        members = parsed(KeyName, request)
        return Response(services.security_key_rename(peer=peer_of(request), key_id=key_id, **members))


class SecurityKeyRemoveView(SignedView):
    roles = OWN_PASSWORD

    def post(self, request: Request, key_id: UUID) -> Response:
        services.security_key_remove(peer=peer_of(request), key_id=key_id, **proven(request))
        return Response({})
