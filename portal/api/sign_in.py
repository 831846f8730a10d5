"""Handshake and enrolment: plain JSON, before there is a session (docs/protocol.md, sections 6 and 7)."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from exchange.services import enrolment_complete
from portal.api.serializers import Enrolment, EnrolmentView, HandshakeFinish, HandshakeStart
from portal.api.views import PublicView, parsed
from portal.middleware.sealed import CONTENT
from portal.origin import request_origin
from sealpost.crypto.encoding import b64u_encode


class HandshakeStartView(PublicView):
    def post(self, request: Request) -> Response:
        members = parsed(HandshakeStart, request)
        answer = services.handshake_start(
            login=members["login"],
            client_nonce=members["nonce"],
            origin=request_origin(request._request),
            address=request.META.get("REMOTE_ADDR", ""),
        )
        return Response(answer)


class HandshakeFinishView(PublicView):
    def post(self, request: Request) -> Response:
        finished = services.handshake_finish(
            **parsed(HandshakeFinish, request), client=request.headers.get("User-Agent", "")
        )
        return Response(
            {
                "session": str(finished.session),
                "signature": b64u_encode(finished.signature),
                "confirmation": b64u_encode(finished.confirmation),
            }
        )


class EnrolmentKeyView(PublicView):
    def get(self, request: Request) -> Response:
        key_id, public = services.enrolment_key()
        return Response({"id": str(key_id), "suite": 1, "public_key": b64u_encode(public)})


class EnrolmentShowView(PublicView):
    def post(self, request: Request) -> HttpResponse:
        return HttpResponse(services.enrolment_view(**parsed(EnrolmentView, request)), content_type=CONTENT)


class EnrolmentFinishView(PublicView):
    def post(self, request: Request) -> Response:
        members = parsed(Enrolment, request)
        invitation: UUID = members["invitation"]
        login = enrolment_complete(
            invitation=invitation,
            key=members["key"],
            sealed=members["sealed"],
            origin=request_origin(request._request),
        )
        return Response({"login": login}, status=201)
