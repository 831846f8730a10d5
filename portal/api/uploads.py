"""Uploads in parts (docs/protocol.md, section 10.1)."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange import services
from portal.api.serializers import UploadCreate
from portal.api.views import parsed, peer_of


class UploadsView(APIView):
    def post(self, request: Request) -> Response:
        members = parsed(UploadCreate, request)
        members["media_type"] = members.pop("type")
        return Response(services.upload_create(peer=peer_of(request), **members), status=201)


class UploadView(APIView):
    def get(self, request: Request, upload_id: UUID) -> Response:
        return Response(services.upload_show(peer=peer_of(request), upload_id=upload_id))

    def delete(self, request: Request, upload_id: UUID) -> Response:
        services.upload_discard(peer=peer_of(request), upload_id=upload_id)
        return Response({})


class UploadPartView(APIView):
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


class UploadCompleteView(APIView):
    def post(self, request: Request, upload_id: UUID) -> Response:
        return Response(services.upload_complete(peer=peer_of(request), upload_id=upload_id))
