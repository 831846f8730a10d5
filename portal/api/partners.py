"""Partner connections and the address book (docs/protocol.md, section 11.4)."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.roles import ADMINS
from exchange.services import contacts_search
from portal.api.fields import StrictSerializer
from portal.api.views import SignedView, parsed, peer_of


class Proposal(StrictSerializer):
    address = serializers.CharField(max_length=254)


class Decision(StrictSerializer):
    accept = serializers.BooleanField()


class TermsChange(StrictSerializer):
    direction = serializers.ChoiceField(choices=["out", "in"])
    terms = serializers.DictField()


class ContactsView(SignedView):
    def get(self, request: Request) -> Response:
        return Response({"contacts": contacts_search(peer=peer_of(request), query=request.query_params.get("q", ""))})


class ConnectionsView(SignedView):
    roles = ADMINS

    def get(self, request: Request) -> Response:
        return Response(services.connections_show(peer=peer_of(request)))


class ConnectionView(SignedView):
    roles = ADMINS

    def delete(self, request: Request, connection_id: UUID) -> Response:
        services.connection_end(peer=peer_of(request), connection_id=connection_id)
        return Response({})


class ConnectionSuspendView(SignedView):
    roles = ADMINS

    def post(self, request: Request, connection_id: UUID) -> Response:
        services.connection_suspend(peer=peer_of(request), connection_id=connection_id)
        return Response({})


class ConnectionResumeView(SignedView):
    roles = ADMINS

    def post(self, request: Request, connection_id: UUID) -> Response:
        services.connection_resume(peer=peer_of(request), connection_id=connection_id)
        return Response({})


class ConnectionTermsView(SignedView):
    roles = ADMINS

    def put(self, request: Request, connection_id: UUID) -> Response:
        asked = parsed(TermsChange, request)
        terms = services.terms_change(
            peer=peer_of(request),
            connection_id=connection_id,
            direction=asked["direction"],
            members=asked["terms"],
        )
        return Response({"terms": terms})


class ProposalsView(SignedView):
    roles = ADMINS

    def post(self, request: Request) -> Response:
        proposal = services.connection_propose(peer=peer_of(request), **parsed(Proposal, request))
        return Response({"id": str(proposal)}, status=201)


class ProposalView(SignedView):
    roles = ADMINS

    def post(self, request: Request, proposal_id: UUID) -> Response:
        connection = services.proposal_decide(
            peer=peer_of(request), proposal_id=proposal_id, **parsed(Decision, request)
        )
        return Response({"connection": str(connection) if connection else None})

    def delete(self, request: Request, proposal_id: UUID) -> Response:
        services.proposal_withdraw(peer=peer_of(request), proposal_id=proposal_id)
        return Response({})
