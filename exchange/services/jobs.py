"""The work on messages and runs as those who asked for it see it: a list, and each with what happened when."""

import json
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django_scopes import scope

from accounts.peer import Peer
from exchange.errors import NotFound
from exchange.models import JobOutput, Message, PipelineVersion
from exchange.services.paging import page
from exchange.services.shapes import document_shape, job_shape, moment
from exchange.services.step_items import items_shape
from exchange.steps.base import registered


def job_list(*, peer: Peer, before: str | None = None, kind: str = "") -> dict[str, Any]:
    """A page of the user's jobs, or of those of one kind, the latest first; four queries whatever it holds."""
    with scope(tenant=peer.tenant):
        mine = Message.objects.filter(sender=peer.user).select_related("job").defer("note_sealed", "steps_sealed")
        mine = mine.filter(kind=kind) if kind else mine
        rows, following = page(mine.prefetch_related("recipients"), before=before, by="sent_at")
        return {"jobs": [_item(row) for row in rows], "next": following}


def job_show(*, peer: Peer, job_id: UUID) -> dict[str, Any]:
    """One job: its instruction, its documents, what each step did when and for how long, and its result. NotFound.

    A job has the id of its message.
    """
    with scope(tenant=peer.tenant):
        outputs = JobOutput.objects.order_by("created_at", "index", "part").defer("sha256_sealed", "media_type_sealed")
        versions = PipelineVersion.objects.select_related("pipeline")
        rows = (
            Message.objects.filter(id=job_id, sender=peer.user)
            .select_related("job")
            .prefetch_related(
                "documents", "recipients", Prefetch("job__outputs", queryset=outputs), Prefetch("pipeline", versions)
            )
        )
        message = rows.first()
        if message is None:
            raise NotFound
        return _item(message) | {
            "steps": items_shape(json.loads(message.steps or "[]")),
            "pipeline": _pipeline(message.pipeline),
            "documents": [] if message.erased_at else [document_shape(row) for row in message.documents.all()],
            "timeline": [] if message.erased_at else _timeline(message),
        }


def _item(message: Message) -> dict[str, Any]:
    job = message.job
    return {
        "id": str(message.id),
        "kind": message.kind,
        "subject": message.subject,
        "state": message.state,
        "sent_at": moment(message.sent_at),
        "started_at": moment(job.started_at),
        "ended_at": moment(job.ended_at),
        "job": job_shape(job, message.recipients.all()),
    }


def _pipeline(version: PipelineVersion | None) -> dict[str, Any] | None:
    if version is None:
        return None
    return {"id": str(version.pipeline_id), "name": version.pipeline.name, "version": version.number}


def _timeline(message: Message) -> list[dict[str, Any]]:
    """What every step did, in order; a step that made many documents of one is one entry."""
    names = {str(row.position): row.name for row in message.documents.all()}
    kept = json.loads(message.steps or "[]")
    logins = {str(row.id): row.login for row in message.recipients.all()}
    return [
        _entry(row, kept, document=names.get(row.item.partition(".")[0], ""), recipient=logins.get(row.variant, ""))
        for row in message.job.outputs.all()
        if row.part == 0
    ]


def _entry(row: JobOutput, kept: list[dict[str, Any]], *, document: str, recipient: str) -> dict[str, Any]:
    name = kept[row.index]["step"]
    model = registered().get(name)
    report = json.loads(row.report or "{}")
    return {
        "step": name,
        "title": model.title if model else name,
        "version": row.version,
        "document": document,
        "recipient": recipient,
        "result": row.result,
        "ended_at": moment(row.created_at),
        "seconds": row.milliseconds / 1000,
        "report": report,
    }
