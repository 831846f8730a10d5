"""Messages, sent and received (docs/protocol.md, section 11)."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange import services
from portal.api.serializers import MessageSend, Recipients
from portal.api.views import parsed, peer_of


class RecipientsView(APIView):
    def post(self, request: Request) -> Response:
        found = services.recipients_check(peer=peer_of(request), **parsed(Recipients, request))
        return Response({"recipients": found})


class MessagesView(APIView):
    def post(self, request: Request) -> Response:
        return Response(services.message_send(peer=peer_of(request), **parsed(MessageSend, request)), status=201)


class InboxView(APIView):
    def get(self, request: Request) -> Response:
        return Response(services.inbox_list(peer=peer_of(request), before=request.query_params.get("before")))


class InboxMessageView(APIView):
    def get(self, request: Request, message_id: UUID) -> Response:
        return Response(services.inbox_show(peer=peer_of(request), message_id=message_id))


class OutboxView(APIView):
    def get(self, request: Request) -> Response:
        return Response(services.outbox_list(peer=peer_of(request), before=request.query_params.get("before")))


class OutboxMessageView(APIView):
    def get(self, request: Request, message_id: UUID) -> Response:
        return Response(services.outbox_show(peer=peer_of(request), message_id=message_id))


class OutboxRetryView(APIView):
    def post(self, request: Request, message_id: UUID) -> Response:
        return Response(services.job_retry(peer=peer_of(request), message_id=message_id))


class OutboxCancelView(APIView):
    def post(self, request: Request, message_id: UUID) -> Response:
        return Response(services.job_cancel(peer=peer_of(request), message_id=message_id))
