"""Stored documents processed for the one who asks: the result comes back to them under their own key (M11).

A run is a message to oneself whose documents are stored already. Nothing is uploaded or copied; what may be fetched may
be processed, and counts as fetched: the result lives no longer than its source, and is recalled with it.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_scopes import scope

from accounts.peer import Peer
from accounts.rules import policy_of, quotas_of
from accounts.services import event_record, tenant_open_check
from exchange.errors import RunEmpty, TooManyFiles
from exchange.models import DeliveredDocument, Document, Message
from exchange.services.downloads import document_find, download_count
from exchange.services.job_create import job_create
from exchange.services.jobs import job_show
from exchange.services.mandatory import able_check, items_ordered
from exchange.services.message_send import recipients_create
from exchange.services.pipelines import pipeline_version
from exchange.services.recipients import person_addressee
from exchange.services.step_items import StepItem, items_parse
from exchange.steps.registry import steps_on_check

_SUBJECT_MOST = 200


def run_create(
    *,
    peer: Peer,
    key: UUID,
    documents: Sequence[UUID],
    steps: Sequence[dict[str, Any]] = (),
    pipeline: UUID | None = None,
) -> dict[str, Any]:
    """Process documents that were received or sent; the same key again answers the same run. Returns the job.

    RunEmpty, TooManyFiles, NotFound, the refusals of steps, and what makes a document unavailable: DeliveryRecalled,
    ContentErased, ContentExpired, DocumentDiscarded, DownloadLimitReached.
    """
    with scope(tenant=peer.tenant):
        run = Message.objects.filter(sender=peer.user, key=key).first()
        if run is None:
            tenant_open_check(peer)
            version, saved = pipeline_version(pipeline_id=pipeline) if pipeline else (None, [])
            items = items_ordered([*saved, *items_parse(steps)])
            wanted = list(dict.fromkeys(documents))
            _check(peer, wanted, items)
            with transaction.atomic():
                rows = [document_find(peer, document_id) for document_id in wanted]
                run = _message(peer, key, rows, items)
                if run is not None:
                    run.pipeline = version
                    run.save(update_fields=["pipeline"])
                    _begin(peer, run, rows)
            run = run or Message.objects.get(sender=peer.user, key=key)
    return job_show(peer=peer, job_id=run.id)


def _check(peer: Peer, documents: Sequence[UUID], items: Sequence[StepItem]) -> None:
    if not documents or not items:
        raise RunEmpty
    most = quotas_of(peer.tenant.id).files_max
    if len(documents) > most:
        raise TooManyFiles(limit=most)
    able_check(own=True)
    steps_on_check(item.step for item in items)


def _message(
    peer: Peer, key: UUID, rows: Sequence[Document | DeliveredDocument], items: Sequence[StepItem]
) -> Message | None:
    """The row; None where the same key came in at the same time."""
    now = timezone.now()
    until = now + timedelta(days=policy_of(peer.tenant.id).expires_days_default)
    run = Message(tenant=peer.tenant, sender=peer.user, key=key, kind=Message.Kind.RUN, sent_at=now)
    run.expires_at = min([until, *(end for row in rows if (end := _end(row)))])
    limits = [most for row in rows if (most := _downloads_most(row)) is not None]
    run.downloads_most = min(limits) if limits else None
    names = ", ".join(row.name for row in rows)
    titles = " · ".join(dict.fromkeys(item.step.title for item in items))
    run.subject = f"{titles}: {names}"[:_SUBJECT_MOST]
    run.note, run.steps = "", json.dumps([item.kept() for item in items])
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        return None
    return run


def _end(row: Document | DeliveredDocument) -> datetime | None:
    return row.delivery.expires_at if isinstance(row, DeliveredDocument) else None


def _downloads_most(row: Document | DeliveredDocument) -> int | None:
    """Of a document whose downloads are limited the result may be fetched once: it counts as this one download."""
    limited = isinstance(row, DeliveredDocument) and row.delivery.downloads_most is not None
    return 1 if limited else None


def _begin(peer: Peer, run: Message, rows: Sequence[Document | DeliveredDocument]) -> None:
    for position, source in enumerate(rows):
        if isinstance(source, DeliveredDocument):
            download_count(source)
        row = Document(
            tenant=peer.tenant,
            message=run,
            object=source.object,
            size=source.size,
            verdict=source.verdict,
            verdict_reason=source.verdict_reason,
            type_agrees=source.type_agrees,
            position=position,
            origin_id=source.delivery_id if isinstance(source, DeliveredDocument) else None,
        )
        row.name, row.media_type, row.sha256 = source.name, source.media_type, source.sha256
        row.save(force_insert=True)
    recipients_create(run, [person_addressee(peer.user)])
    job_create(run)
    details = {"documents": len(rows)}
    event_record(tenant_id=peer.tenant.id, actor=peer.user, action="message.run", subject=run.id, details=details)
