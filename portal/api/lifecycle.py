"""Messages after they were sent (docs/protocol.md, section 11)."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import RECIPIENTS
from exchange import services
from portal.api.fields import StrictSerializer
from portal.api.serializers import Recipients
from portal.api.views import SignedView, parsed, peer_of, uuid_asked


class Extend(StrictSerializer):
    expires_days = serializers.IntegerField(min_value=0, max_value=100_000)


class Recall(StrictSerializer):
    logins = serializers.ListField(
        child=serializers.CharField(max_length=254), max_length=1000, default=None, allow_null=True, allow_empty=False
    )


class OutboxExtendView(SignedView):
    def post(self, request: Request, message_id: UUID) -> Response:
        members = parsed(Extend, request)
        return Response(services.message_extend(peer=peer_of(request), message_id=message_id, **members))


class OutboxRecallView(SignedView):
    def post(self, request: Request, message_id: UUID) -> Response:
        members = parsed(Recall, request)
        return Response(services.message_recall(peer=peer_of(request), message_id=message_id, **members))


class OutboxRemindView(SignedView):
    def post(self, request: Request, message_id: UUID) -> Response:
        return Response(services.message_remind(peer=peer_of(request), message_id=message_id))


class OutboxRecipientsView(SignedView):
    def post(self, request: Request, message_id: UUID) -> Response:
        members = parsed(Recipients, request)
        return Response(services.recipients_add(peer=peer_of(request), message_id=message_id, **members))


class OutboxArchiveView(SignedView):
    archived = True

    def post(self, request: Request, message_id: UUID) -> Response:
        peer = peer_of(request)
        return Response(services.outbox_archive(peer=peer, message_id=message_id, archived=self.archived))


class InboxArchiveView(SignedView):
    roles = RECIPIENTS
    archived = True

    def post(self, request: Request, message_id: UUID) -> Response:
        peer, mailbox = peer_of(request), uuid_asked(request, "mailbox")
        changed = services.inbox_archive(peer=peer, message_id=message_id, archived=self.archived, mailbox=mailbox)
        return Response(changed)
