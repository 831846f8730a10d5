"""What an organisation uses."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import ADMINS
from exchange.services import usage_show
from portal.api.views import SignedView, peer_of


class UsageView(SignedView):
    roles = ADMINS

    def get(self, request: Request) -> Response:
        return Response(usage_show(peer=peer_of(request)))
