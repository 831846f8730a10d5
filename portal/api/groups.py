"""Groups, for the organisation's admins (docs/protocol.md, section 11)."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.roles import ADMINS
from portal.api.fields import StrictSerializer
from portal.api.views import SignedView, parsed, peer_of


class _Logins(serializers.ListField):
    child = serializers.CharField(max_length=254)


class GroupCreate(StrictSerializer):
    address = serializers.CharField(max_length=1024, allow_blank=True)
    name = serializers.CharField(max_length=1024, allow_blank=True)
    partners_may_send = serializers.BooleanField(default=False)
    members = _Logins(max_length=1000, default=list)


class GroupChange(StrictSerializer):
    name = serializers.CharField(max_length=1024, allow_blank=True, required=False)
    partners_may_send = serializers.BooleanField(required=False)


class GroupMembersAdd(StrictSerializer):
    logins = _Logins(max_length=1000)


class GroupsView(SignedView):
    roles = ADMINS

    def get(self, request: Request) -> Response:
        return Response({"groups": services.group_list(peer=peer_of(request))})

    def post(self, request: Request) -> Response:
        return Response(services.group_create(peer=peer_of(request), **parsed(GroupCreate, request)), status=201)


class GroupView(SignedView):
    roles = ADMINS

    def get(self, request: Request, group_id: UUID) -> Response:
        return Response(services.group_show(peer=peer_of(request), group_id=group_id))

    def patch(self, request: Request, group_id: UUID) -> Response:
        members = parsed(GroupChange, request)
        return Response(services.group_change(peer=peer_of(request), group_id=group_id, **members))

    def delete(self, request: Request, group_id: UUID) -> Response:
        services.group_delete(peer=peer_of(request), group_id=group_id)
        return Response({})


class GroupMembersView(SignedView):
    roles = ADMINS

    def post(self, request: Request, group_id: UUID) -> Response:
        members = parsed(GroupMembersAdd, request)
        return Response(services.group_members_add(peer=peer_of(request), group_id=group_id, **members))


class GroupMemberView(SignedView):
    roles = ADMINS

    def delete(self, request: Request, group_id: UUID, user_id: UUID) -> Response:
        services.group_member_remove(peer=peer_of(request), group_id=group_id, user_id=user_id)
        return Response({})
