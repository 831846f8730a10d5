"""People outside: passphrases for them, invitations again and taken back, and their own proof of an address."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from exchange import services
from portal.api.fields import Base64UrlField, StrictSerializer
from portal.api.views import SignedView, parsed, peer_of


class GuestIssue(StrictSerializer):
    login = serializers.CharField(max_length=254)
    name = serializers.CharField(max_length=120, allow_blank=True, default="")
    enrolment = serializers.ChoiceField(choices=["passphrase"])


class Invited(StrictSerializer):
    login = serializers.CharField(max_length=254)


class AddressProve(StrictSerializer):
    invitation = serializers.UUIDField()
    nonce = Base64UrlField(16)
    proof = Base64UrlField(32)


class GuestsView(SignedView):
    def post(self, request: Request) -> Response:
        members = parsed(GuestIssue, request)
        shown = services.guest_passphrase(peer=peer_of(request), login=members["login"], name=members["name"])
        return Response(shown, status=201)


class InvitationsView(SignedView):
    """Of one sent message: to whom it waits to be delivered."""

    def post(self, request: Request, message_id: UUID) -> Response:
        members = parsed(Invited, request)
        return Response(services.outsider_invite_again(peer=peer_of(request), message_id=message_id, **members))

    def delete(self, request: Request, message_id: UUID) -> Response:
        members = parsed(Invited, request)
        return Response(services.outsider_withdraw(peer=peer_of(request), message_id=message_id, **members))


class AddressView(SignedView):
    roles = frozenset({User.Role.GUEST})

    def post(self, request: Request) -> Response:
        services.address_prove(peer=peer_of(request), **parsed(AddressProve, request))
        return Response({})
