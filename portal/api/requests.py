"""File requests: their makers' side, and the deposits of those who were given a link."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import DEPOSITORS
from exchange import services
from portal.api.fields import StrictSerializer
from portal.api.views import SignedView, parsed, peer_of

_COUNT_MOST, _BYTES_MOST = 1_000_000, 1 << 60


def _count(default: int) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=_COUNT_MOST, default=default)


class RequestCreate(StrictSerializer):
    title = serializers.CharField(max_length=4096, allow_blank=True, trim_whitespace=False)
    note = serializers.CharField(max_length=100_000, allow_blank=True, trim_whitespace=False, default="")
    mailbox = serializers.UUIDField(allow_null=True, default=None)
    expires_days = _count(14)
    deposits_most = _count(1)
    files_most = _count(10)
    bytes_most = serializers.IntegerField(min_value=0, max_value=_BYTES_MOST, default=1_000_000_000)


class RequestExtend(StrictSerializer):
    expires_days = serializers.IntegerField(min_value=0, max_value=_COUNT_MOST)


class DepositCreate(StrictSerializer):
    key = serializers.UUIDField()
    name = serializers.CharField(max_length=1024, allow_blank=True, trim_whitespace=False)
    email = serializers.CharField(max_length=1024, allow_blank=True, trim_whitespace=False, default="")
    note = serializers.CharField(max_length=100_000, allow_blank=True, trim_whitespace=False, default="")
    uploads = serializers.ListField(child=serializers.UUIDField(), max_length=1000)


class RequestsView(SignedView):
    def get(self, request: Request) -> Response:
        return Response(services.request_list(peer=peer_of(request), before=request.query_params.get("before")))

    def post(self, request: Request) -> Response:
        return Response(services.request_create(peer=peer_of(request), **parsed(RequestCreate, request)), status=201)


class RequestView(SignedView):
    def get(self, request: Request, request_id: UUID) -> Response:
        return Response(services.request_show(peer=peer_of(request), request_id=request_id))


class RequestCloseView(SignedView):
    def post(self, request: Request, request_id: UUID) -> Response:
        return Response(services.request_close(peer=peer_of(request), request_id=request_id))


class RequestExtendView(SignedView):
    def post(self, request: Request, request_id: UUID) -> Response:
        members = parsed(RequestExtend, request)
        return Response(services.request_extend(peer=peer_of(request), request_id=request_id, **members))


class DepositRetryView(SignedView):
    def post(self, request: Request, request_id: UUID, deposit_id: UUID) -> Response:
        return Response(services.deposit_retry(peer=peer_of(request), request_id=request_id, deposit_id=deposit_id))


class DepositPlaceView(SignedView):
    roles = DEPOSITORS

    def get(self, request: Request) -> Response:
        return Response(services.deposit_place(peer=peer_of(request)))


class DepositsView(SignedView):
    roles = DEPOSITORS

    def post(self, request: Request) -> Response:
        return Response(services.deposit_create(peer=peer_of(request), **parsed(DepositCreate, request)), status=201)


class DepositView(SignedView):
    roles = DEPOSITORS

    def get(self, request: Request, deposit_id: UUID) -> Response:
        return Response(services.deposit_show(peer=peer_of(request), deposit_id=deposit_id))
