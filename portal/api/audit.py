"""The audit log, for the admins and auditors of an organisation."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.peer import Peer
from accounts.roles import AUDIT_READERS
from exchange.services import AuditFilters, audit_checkpoints, audit_export_page, audit_filters, audit_list
from portal.api.fields import StrictSerializer
from portal.api.views import SignedView, peer_of
from portal.errors import FieldInvalid

_ACTION = r"\A[a-z_]{1,40}(\.[a-z_]{1,40})?\Z"


class AuditQuery(StrictSerializer):
    """Filters as the address has them."""

    person = serializers.CharField(required=False, max_length=254)
    object = serializers.UUIDField(required=False)
    event = serializers.RegexField(_ACTION, required=False)
    to = serializers.DateTimeField(required=False)
    before = serializers.CharField(required=False, max_length=40)
    after = serializers.CharField(required=False, max_length=400)

    def get_fields(self) -> Any:
        return super().get_fields() | {"from": serializers.DateTimeField(required=False)}


def filters_asked(peer: Peer, query: Mapping[str, Any]) -> tuple[AuditFilters, str | None]:
    """Filters and cursor of an address. FieldInvalid, NotFound for a login that nobody in the organisation has."""
    form = AuditQuery(data=query)
    if not form.is_valid():
        field = next(iter(form.errors))
        raise FieldInvalid(f"The filter {field} is unknown or not of its form. Nothing was changed.", field=field)
    asked = dict(form.validated_data)
    cursor = asked.pop("before", None) or asked.pop("after", None)
    named = {"from": "since", "to": "until"}
    return audit_filters(peer=peer, **{named.get(name, name): value for name, value in asked.items()}), cursor


class AuditView(SignedView):
    roles = AUDIT_READERS

    def get(self, request: Request) -> Response:
        filters, before = filters_asked(peer_of(request), request.query_params)
        return Response(audit_list(peer=peer_of(request), filters=filters, before=before))


class AuditCheckpointsView(SignedView):
    roles = AUDIT_READERS

    def get(self, request: Request) -> Response:
        return Response(audit_checkpoints(peer=peer_of(request), before=request.query_params.get("before")))


class AuditExportView(SignedView):
    roles = AUDIT_READERS

    def get(self, request: Request) -> Response:
        filters, after = filters_asked(peer_of(request), request.query_params)
        return Response(audit_export_page(peer=peer_of(request), filters=filters, after=after))
