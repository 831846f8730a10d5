"""Messages, sent and received (docs/protocol.md, section 11)."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import RECIPIENTS
from exchange import services
from portal.api.serializers import MessageSend, Recipients
from portal.api.views import SignedView, archived_asked, parsed, peer_of, uuid_asked


class RecipientsView(SignedView):
    def post(self, request: Request) -> Response:
        found = services.recipients_check(peer=peer_of(request), **parsed(Recipients, request))
        return Response({"recipients": found})


class MessagesView(SignedView):
    def post(self, request: Request) -> Response:
        return Response(services.message_send(peer=peer_of(request), **parsed(MessageSend, request)), status=201)


class InboxView(SignedView):
    roles = RECIPIENTS

    def get(self, request: Request) -> Response:
        before, mailbox = request.query_params.get("before"), uuid_asked(request, "mailbox")
        archived = archived_asked(request)
        return Response(services.inbox_list(peer=peer_of(request), before=before, mailbox=mailbox, archived=archived))


class InboxMessageView(SignedView):
    roles = RECIPIENTS

    def get(self, request: Request, message_id: UUID) -> Response:
        mailbox = uuid_asked(request, "mailbox")
        return Response(services.inbox_show(peer=peer_of(request), message_id=message_id, mailbox=mailbox))


class OutboxView(SignedView):
    def get(self, request: Request) -> Response:
        before, archived = request.query_params.get("before"), archived_asked(request)
        return Response(services.outbox_list(peer=peer_of(request), before=before, archived=archived))


class OutboxMessageView(SignedView):
    def get(self, request: Request, message_id: UUID) -> Response:
        return Response(services.outbox_show(peer=peer_of(request), message_id=message_id))


class OutboxRetryView(SignedView):
    def post(self, request: Request, message_id: UUID) -> Response:
        return Response(services.job_retry(peer=peer_of(request), message_id=message_id))


class OutboxCancelView(SignedView):
    def post(self, request: Request, message_id: UUID) -> Response:
        return Response(services.job_cancel(peer=peer_of(request), message_id=message_id))
