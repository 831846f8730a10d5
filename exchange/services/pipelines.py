"""Saved instructions of an organisation: its admins make them, everybody there chooses them by name."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Prefetch
from django.utils import timezone
from django_scopes import scope

from accounts.peer import Peer
from accounts.roles import ADMINS, role_check
from accounts.services import event_record, name_check
from exchange.errors import NotFound, PipelineEmpty, PipelineKeepsNoPassword, PipelineNameTaken
from exchange.models import Pipeline, PipelineVersion
from exchange.services.shapes import moment
from exchange.services.step_items import StepItem, items_parse, items_shape


def pipeline_list(*, peer: Peer) -> list[dict[str, Any]]:
    """Every pipeline that is offered, by name, with its latest version; two queries."""
    with scope(tenant=peer.tenant):
        shapes = [_shape(row) for row in _rows().filter(retired_at=None)]
    return sorted(shapes, key=lambda shape: str(shape["name"]).casefold())


def pipeline_show(*, peer: Peer, pipeline_id: UUID) -> dict[str, Any]:
    """One pipeline with all of its versions, the latest first. NotFound."""
    with scope(tenant=peer.tenant):
        row = _rows().filter(id=pipeline_id).first()
        if row is None:
            raise NotFound
        return _shape(row) | {"versions": [_version_shape(one) for one in row.versions.all()]}


def pipeline_create(*, peer: Peer, name: str, steps: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Save a chain under a name. RoleForbidden, NameInvalid, PipelineNameTaken, and the refusals of its steps."""
    role_check(peer, ADMINS)
    items = _items(steps)
    with scope(tenant=peer.tenant), transaction.atomic():
        name = _name(name)
        row = Pipeline(tenant=peer.tenant)
        row.name = name
        row.save(force_insert=True)
        _version_add(peer, row, items)
        _record(peer, row, "pipeline.created")
    return pipeline_show(peer=peer, pipeline_id=row.id)


def pipeline_change(
    *, peer: Peer, pipeline_id: UUID, name: str | None = None, steps: Sequence[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Another name, or another chain as a new version; jobs that were begun keep what they had.

    RoleForbidden, NotFound, NameInvalid, PipelineNameTaken, and the refusals of its steps.
    """
    role_check(peer, ADMINS)
    items = None if steps is None else _items(steps)
    with scope(tenant=peer.tenant), transaction.atomic():
        row = _find(pipeline_id)
        if name is not None and name != row.name:
            row.name = _name(name, but=row.id)
            row.save(update_fields=["name_sealed"])
        if items is not None:
            _version_add(peer, row, items)
        _record(peer, row, "pipeline.changed")
    return pipeline_show(peer=peer, pipeline_id=pipeline_id)


def pipeline_retire(*, peer: Peer, pipeline_id: UUID) -> None:
    """Offer it no more; what has used it keeps saying so. RoleForbidden, NotFound."""
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant), transaction.atomic():
        row = _find(pipeline_id)
        row.retired_at = timezone.now()
        row.save(update_fields=["retired_at"])
        _record(peer, row, "pipeline.retired")


def pipeline_version(*, pipeline_id: UUID) -> tuple[PipelineVersion, list[StepItem]]:
    """The latest version of a pipeline that is offered, and its steps. NotFound. The caller holds the scope."""
    row = _rows().filter(id=pipeline_id, retired_at=None).first()
    if row is None:
        raise NotFound
    latest = row.versions.all()[0]
    return latest, items_parse(json.loads(latest.steps))


def _items(steps: Sequence[dict[str, Any]]) -> list[StepItem]:
    """Steps that may be saved. PipelineEmpty, PipelineKeepsNoPassword, and the refusals of steps."""
    items = items_parse(steps)
    if not items:
        raise PipelineEmpty
    for item in items:
        if any(getattr(item.step, name) for name in item.step.secrets()):
            raise PipelineKeepsNoPassword(step=item.step.name)
    return items


def _rows() -> Any:
    versions = PipelineVersion.objects.select_related("made_by").order_by("-number")
    return Pipeline.objects.prefetch_related(Prefetch("versions", queryset=versions))


def _find(pipeline_id: UUID) -> Pipeline:
    row = Pipeline.objects.select_for_update().filter(id=pipeline_id, retired_at=None).first()
    if row is None:
        raise NotFound
    return row


def _name(name: str, *, but: UUID | None = None) -> str:
    """NameInvalid, PipelineNameTaken."""
    name = name_check(name)
    others = [row for row in Pipeline.objects.filter(retired_at=None) if row.id != but]
    if name.casefold() in {row.name.casefold() for row in others}:
        raise PipelineNameTaken
    return name


def _version_add(peer: Peer, row: Pipeline, items: list[StepItem]) -> None:
    last = PipelineVersion.objects.filter(pipeline=row).aggregate(last=Max("number"))["last"] or 0
    version = PipelineVersion(tenant=peer.tenant, pipeline=row, number=last + 1, made_by=peer.user)
    version.steps = json.dumps([item.kept() for item in items])
    version.save(force_insert=True)


def _record(peer: Peer, row: Pipeline, action: str) -> None:
    number = PipelineVersion.objects.filter(pipeline=row).count()
    event_record(tenant_id=peer.tenant.id, actor=peer.user, action=action, subject=row.id, details={"version": number})


def _shape(row: Pipeline) -> dict[str, Any]:
    latest = row.versions.all()[0]
    return {"id": str(row.id), "name": row.name, "retired_at": moment(row.retired_at)} | _version_shape(latest)


def _version_shape(version: PipelineVersion) -> dict[str, Any]:
    return {
        "version": version.number,
        "steps": items_shape(json.loads(version.steps)),
        "made_by": version.made_by.name or version.made_by.login,
        "made_at": moment(version.made_at),
    }
