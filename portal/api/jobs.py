"""Steps, saved instructions, runs on stored documents, and the work on all of it (docs/protocol.md, section 11.12)."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import ADMINS
from exchange import services
from portal.api.fields import StrictSerializer
from portal.api.serializers import StepChoice
from portal.api.views import SignedView, parsed, peer_of

_STEPS_MOST = 20


class RunCreate(StrictSerializer):
    key = serializers.UUIDField()
    documents = serializers.ListField(child=serializers.UUIDField(), max_length=1000)
    steps = serializers.ListField(child=StepChoice(), max_length=_STEPS_MOST, default=list)
    pipeline = serializers.UUIDField(required=False, allow_null=True)


class PipelineCreate(StrictSerializer):
    name = serializers.CharField(max_length=1024, allow_blank=True)
    steps = serializers.ListField(child=StepChoice(), max_length=_STEPS_MOST)


class PipelineChange(StrictSerializer):
    name = serializers.CharField(max_length=1024, allow_blank=True, required=False)
    steps = serializers.ListField(child=StepChoice(), max_length=_STEPS_MOST, required=False)


class StepsView(SignedView):
    def get(self, request: Request) -> Response:
        return Response({"steps": services.steps_list(peer=peer_of(request))})


class RunsView(SignedView):
    def post(self, request: Request) -> Response:
        return Response(services.run_create(peer=peer_of(request), **parsed(RunCreate, request)), status=201)


class JobsView(SignedView):
    def get(self, request: Request) -> Response:
        before, kind = request.query_params.get("before"), request.query_params.get("kind", "")
        return Response(services.job_list(peer=peer_of(request), before=before, kind=kind))


class JobView(SignedView):
    def get(self, request: Request, job_id: UUID) -> Response:
        return Response(services.job_show(peer=peer_of(request), job_id=job_id))


class JobRetryView(SignedView):
    def post(self, request: Request, job_id: UUID) -> Response:
        services.job_retry(peer=peer_of(request), message_id=job_id)
        return Response(services.job_show(peer=peer_of(request), job_id=job_id))


class JobCancelView(SignedView):
    def post(self, request: Request, job_id: UUID) -> Response:
        services.job_cancel(peer=peer_of(request), message_id=job_id)
        return Response(services.job_show(peer=peer_of(request), job_id=job_id))


class PipelinesView(SignedView):
    change_roles = ADMINS

    def get(self, request: Request) -> Response:
        return Response({"pipelines": services.pipeline_list(peer=peer_of(request))})

    def post(self, request: Request) -> Response:
        return Response(services.pipeline_create(peer=peer_of(request), **parsed(PipelineCreate, request)), status=201)


class PipelineView(SignedView):
    change_roles = ADMINS

    def get(self, request: Request, pipeline_id: UUID) -> Response:
        return Response(services.pipeline_show(peer=peer_of(request), pipeline_id=pipeline_id))

    def patch(self, request: Request, pipeline_id: UUID) -> Response:
        members = parsed(PipelineChange, request)
        return Response(services.pipeline_change(peer=peer_of(request), pipeline_id=pipeline_id, **members))

    def delete(self, request: Request, pipeline_id: UUID) -> Response:
        services.pipeline_retire(peer=peer_of(request), pipeline_id=pipeline_id)
        return Response({})
