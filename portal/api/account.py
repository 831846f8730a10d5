"""The signed-in user: limits, password, sessions."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import EVERYBODY, OWN_PASSWORD, PEOPLE
from accounts.services import account_change, password_change, session_end, session_list
from exchange.services import me_show
from portal.api.serializers import Account
from portal.api.views import SignedView, parsed, peer_of
from sealpost.protocol.bundle import bundle_parse


class MeView(SignedView):
    roles = EVERYBODY

    def get(self, request: Request) -> Response:
        return Response(me_show(peer=peer_of(request)))

    def patch(self, request: Request) -> Response:
        account_change(peer=peer_of(request), **parsed(Account, request))
        return Response(me_show(peer=peer_of(request)))


class PasswordView(SignedView):
    roles = OWN_PASSWORD

    def post(self, request: Request) -> Response:
        password_change(peer=peer_of(request), bundle=bundle_parse(request.data))
        return Response({})


class SessionsView(SignedView):
    roles = PEOPLE

    def get(self, request: Request) -> Response:
        return Response({"sessions": session_list(peer=peer_of(request))})


class SessionView(SignedView):
    roles = EVERYBODY

    def delete(self, request: Request, session_id: UUID) -> Response:
        session_end(peer=peer_of(request), session_id=session_id)
        return Response({})
