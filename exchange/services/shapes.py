"""The shapes of docs/protocol.md section 11 that several answers share."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from exchange.errors import HELD_SENTENCES
from exchange.models import DeliveredDocument, Document, Job, Recipient
from exchange.services.policy_check import objection_sentence


def moment(at: datetime | None) -> str | None:
    """RFC 3339, or null."""
    return at.isoformat() if at else None


def delivered_shape(row: DeliveredDocument, most: int | None) -> dict[str, Any]:
    """A document as its recipient has it: how often it was downloaded, and how often it may be yet."""
    left = None if most is None else max(most - row.downloads, 0)
    return document_shape(row) | {"downloads": row.downloads, "downloads_left": left}


def document_shape(row: Document | DeliveredDocument) -> dict[str, Any]:
    """A document."""
    return {
        "id": str(row.id),
        "name": row.name,
        "type": row.media_type,
        "size": row.size,
        "sha256": row.sha256,
        "verdict": row.verdict,
        "verdict_reason": row.verdict_reason,
        "type_agrees": row.type_agrees,
        "steps": json.loads(row.steps or "[]"),
    }


def recipient_shape(row: Recipient) -> dict[str, Any]:
    """A delivery as its sender sees it."""
    return {
        "login": row.login,
        "name": row.name,
        "tenant": row.organisation,
        "guest": bool(row.address_index) and not row.organisation,
        "state": row.state,
        "delivered_at": moment(row.delivered_at),
        "opened_at": moment(row.opened_at),
        "downloaded_at": moment(row.downloaded_at),
        "recalled_at": moment(row.recalled_at),
        "reminded_at": moment(row.reminded_at),
        "downloads": row.downloads,
    }


def _bytes(count: int) -> str:
    return f"{count >> 20} MB" if count else "size"


def held_detail(job: Job, recipients: Iterable[Recipient]) -> str:
    """Why a message is held or was stopped; where somebody's rule stopped it, whose."""
    if "policy" not in job.objection:
        return HELD_SENTENCES.get(job.code, "").replace("{limit}", _bytes(job.objection.get("limit", 0)))
    whose = job.objection.get("recipient")
    organisation = next((row.organisation for row in recipients if str(row.id) == whose), "")
    return objection_sentence(job.code, job.objection, organisation)


def job_shape(job: Job, recipients: Iterable[Recipient]) -> dict[str, Any]:
    """The work on a message to these recipients."""
    return {
        "state": job.state,
        "code": job.code,
        "detail": held_detail(job, recipients),
        "policy": job.objection.get("policy", ""),
        "set_by": job.objection.get("set_by", ""),
        "step": job.step,
        "position": job.position,
        "of": job.of,
        "unit": job.unit,
        "done": job.done,
        "total": job.total,
    }
