"""Uploads in parts (docs/protocol.md, section 10.1)."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import UPLOADERS
from exchange import services
from portal.api.serializers import UploadCreate
from portal.api.views import SignedView, parsed, peer_of


class UploadsView(SignedView):
    roles = UPLOADERS

    def post(self, request: Request) -> Response:
        members = parsed(UploadCreate, request)
        members["media_type"] = members.pop("type")
        return Response(services.upload_create(peer=peer_of(request), **members), status=201)


class UploadView(SignedView):
    roles = UPLOADERS

    def get(self, request: Request, upload_id: UUID) -> Response:
        return Response(services.upload_show(peer=peer_of(request), upload_id=upload_id))

    def delete(self, request: Request, upload_id: UUID) -> Response:
        services.upload_discard(peer=peer_of(request), upload_id=upload_id)
        return Response({})


class UploadPartView(SignedView):
    roles = UPLOADERS

    def put(self, request: Request, upload_id: UUID, number: int) -> Response:
        length = request.META.get("CONTENT_LENGTH")
        services.upload_part_store(
            peer=peer_of(request),
            upload_id=upload_id,
            number=number,
            body=request._request,
            length=int(length) if length else None,
        )
        return Response({"part": number})


class UploadCompleteView(SignedView):
    roles = UPLOADERS

    def post(self, request: Request, upload_id: UUID) -> Response:
        return Response(services.upload_complete(peer=peer_of(request), upload_id=upload_id))
