"""Mailboxes and who reads them (docs/protocol.md, section 11)."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import ADMINS, RECIPIENTS
from exchange import services
from portal.api.fields import StrictSerializer
from portal.api.views import SignedView, parsed, peer_of

_ROLES = ["member", "admin"]


class MailboxCreate(StrictSerializer):
    address = serializers.CharField(max_length=1024, allow_blank=True)
    name = serializers.CharField(max_length=1024, allow_blank=True)


class MailboxChange(StrictSerializer):
    name = serializers.CharField(max_length=1024, allow_blank=True, required=False)
    state = serializers.ChoiceField(choices=["open", "closed"], required=False)


class MemberAdd(StrictSerializer):
    login = serializers.CharField(max_length=254)
    role = serializers.ChoiceField(choices=_ROLES, default="member")


class MemberChange(StrictSerializer):
    role = serializers.ChoiceField(choices=_ROLES)


class MailboxesView(SignedView):
    roles, change_roles = RECIPIENTS, ADMINS

    def get(self, request: Request) -> Response:
        listed = services.mailboxes_all if request.query_params.get("all") == "true" else services.mailboxes_mine
        return Response({"mailboxes": listed(peer=peer_of(request))})

    def post(self, request: Request) -> Response:
        return Response(services.mailbox_create(peer=peer_of(request), **parsed(MailboxCreate, request)), status=201)


class MailboxView(SignedView):
    def get(self, request: Request, mailbox_id: UUID) -> Response:
        return Response(services.mailbox_show(peer=peer_of(request), mailbox_id=mailbox_id))

    def patch(self, request: Request, mailbox_id: UUID) -> Response:
        members = parsed(MailboxChange, request)
        return Response(services.mailbox_change(peer=peer_of(request), mailbox_id=mailbox_id, **members))


class MembersView(SignedView):
    def post(self, request: Request, mailbox_id: UUID) -> Response:
        members = parsed(MemberAdd, request)
        return Response(services.mailbox_member_add(peer=peer_of(request), mailbox_id=mailbox_id, **members))


class MemberView(SignedView):
    def patch(self, request: Request, mailbox_id: UUID, user_id: UUID) -> Response:
        whom = {"mailbox_id": mailbox_id, "user_id": user_id}
        return Response(services.mailbox_member_change(peer=peer_of(request), **whom, **parsed(MemberChange, request)))

    def delete(self, request: Request, mailbox_id: UUID, user_id: UUID) -> Response:
        services.mailbox_member_remove(peer=peer_of(request), mailbox_id=mailbox_id, user_id=user_id)
        return Response({})
