"""Downloads by range (docs/protocol.md, section 10.2)."""

import re
from uuid import UUID

from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import RECIPIENTS
from exchange import services
from exchange.errors import RangeUnsatisfiable
from portal.api.serializers import TransferCreate, TransferReceived
from portal.api.views import SignedView, parsed, peer_of
from portal.middleware.sealed import CONTENT

_RANGE = re.compile(r"bytes=([0-9]{1,15})-([0-9]{0,15})\Z")


class DocumentTransfersView(SignedView):
    roles = RECIPIENTS

    def post(self, request: Request, document_id: UUID) -> Response:
        members = parsed(TransferCreate, request)
        return Response(services.transfer_create(peer=peer_of(request), document_id=document_id, **members))


class TransferContentView(SignedView):
    roles = RECIPIENTS

    def get(self, request: Request, transfer_id: UUID) -> StreamingHttpResponse:
        start, stop = _range(request.headers.get("Range"))
        content = services.transfer_content(peer=peer_of(request), transfer_id=transfer_id, start=start, stop=stop)
        partial = "Range" in request.headers
        response = StreamingHttpResponse(content.chunks, status=206 if partial else 200, content_type=CONTENT)
        response.headers["Accept-Ranges"] = "bytes"
        response.headers["Content-Length"] = str(content.stop - content.start)
        if partial:
            response.headers["Content-Range"] = f"bytes {content.start}-{content.stop - 1}/{content.total}"
        return response


class TransferReceivedView(SignedView):
    roles = RECIPIENTS

    def post(self, request: Request, transfer_id: UUID) -> Response:
        services.transfer_received(peer=peer_of(request), transfer_id=transfer_id, **parsed(TransferReceived, request))
        return Response({})


def _range(header: str | None) -> tuple[int, int | None]:
    """(start, stop) of one byte range (RFC 9110, section 14); RangeUnsatisfiable for other forms."""
    if header is None:
        return 0, None
    found = _RANGE.match(header)
    if not found:
        raise RangeUnsatisfiable
    return int(found[1]), int(found[2]) + 1 if found[2] else None
