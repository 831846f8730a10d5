"""The people of an organisation (docs/protocol.md, section 11)."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.actor import admin_of
from accounts.models import User
from accounts.roles import ADMINS, TEAM
from accounts.services import Issued
from exchange.services import invitation_withdraw, person_leave, person_remove
from portal.api.fields import StrictSerializer
from portal.api.views import SignedView, parsed, peer_of
from portal.origin import request_origin


class Invite(StrictSerializer):
    login = serializers.CharField(max_length=254)
    name = serializers.CharField(max_length=500, allow_blank=True, default="")
    role = serializers.ChoiceField(choices=sorted(TEAM), default=User.Role.MEMBER)


class Issue(Invite):
    kind = serializers.ChoiceField(choices=["person", "machine"], default="person")


class Role(StrictSerializer):
    role = serializers.ChoiceField(choices=sorted(TEAM))


class Heir(StrictSerializer):
    heir = serializers.CharField(max_length=254, allow_blank=True, default="")


def issued_shape(issued: Issued) -> dict[str, str]:
    """What is handed over, once."""
    return {"person": str(issued.user.id), "login": issued.login, "passphrase": issued.passphrase}


class AdminView(SignedView):
    """What only admins ask for."""

    roles = ADMINS


class TeamView(AdminView):
    def get(self, request: Request) -> Response:
        return Response(services.team_list(peer=peer_of(request)))


class PersonView(AdminView):
    def get(self, request: Request, user_id: UUID) -> Response:
        return Response(services.person_show(peer=peer_of(request), user_id=user_id))


class InvitationsView(AdminView):
    def post(self, request: Request) -> Response:
        origin = request_origin(request._request)
        invited = services.person_invite(peer=peer_of(request), origin=origin, **parsed(Invite, request))
        return Response(invited, status=201)


class IssuedView(AdminView):
    def post(self, request: Request) -> Response:
        issued = services.person_issue(peer=peer_of(request), **parsed(Issue, request))
        return Response(issued_shape(issued), status=201)


class InvitationView(AdminView):
    def post(self, request: Request, user_id: UUID) -> Response:
        origin = request_origin(request._request)
        return Response(services.invitation_resend(peer=peer_of(request), user_id=user_id, origin=origin), status=201)

    def delete(self, request: Request, user_id: UUID) -> Response:
        invitation_withdraw(peer=peer_of(request), user_id=user_id)
        return Response({})


class RoleView(AdminView):
    def post(self, request: Request, user_id: UUID) -> Response:
        services.role_change(peer=peer_of(request), user_id=user_id, **parsed(Role, request))
        return Response({})


class SignOutView(AdminView):
    def post(self, request: Request, user_id: UUID) -> Response:
        peer = peer_of(request)
        ended = services.user_sign_out(tenant_id=peer.tenant.id, user_id=user_id, by=admin_of(peer))
        return Response({"sessions": ended})


class ReissueView(AdminView):
    def post(self, request: Request, user_id: UUID) -> Response:
        peer = peer_of(request)
        row = services.reissue_request(tenant_id=peer.tenant.id, user_id=user_id, by=admin_of(peer))
        return Response({"expires_at": row.expires_at.isoformat()}, status=201)


class ReissueApproveView(AdminView):
    def post(self, request: Request, user_id: UUID) -> Response:
        peer = peer_of(request)
        issued = services.reissue_approve(tenant_id=peer.tenant.id, user_id=user_id, by=admin_of(peer))
        return Response(issued_shape(issued))


class ReissueDeclineView(AdminView):
    def post(self, request: Request, user_id: UUID) -> Response:
        peer = peer_of(request)
        services.reissue_decline(tenant_id=peer.tenant.id, user_id=user_id, by=admin_of(peer))
        return Response({})


class RemoveView(AdminView):
    def post(self, request: Request, user_id: UUID) -> Response:
        person_remove(peer=peer_of(request), user_id=user_id, **parsed(Heir, request))
        return Response({})


class LeaveView(SignedView):
    roles = TEAM

    def post(self, request: Request) -> Response:
        person_leave(peer=peer_of(request), **parsed(Heir, request))
        return Response({})
