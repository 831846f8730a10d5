"""The shapes of docs/protocol.md section 11 that several answers share."""

import json
from datetime import datetime
from typing import Any

from exchange.errors import HELD_SENTENCES
from exchange.models import DeliveredDocument, Document, Job, Recipient


def moment(at: datetime | None) -> str | None:
    """RFC 3339, or null."""
    return at.isoformat() if at else None


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
        "state": row.state,
        "delivered_at": moment(row.delivered_at),
        "opened_at": moment(row.opened_at),
        "downloaded_at": moment(row.downloaded_at),
    }


def job_shape(job: Job) -> dict[str, Any]:
    """The work on a message."""
    return {
        "state": job.state,
        "code": job.code,
        "detail": HELD_SENTENCES.get(job.code, ""),
        "step": job.step,
        "position": job.position,
        "of": job.of,
        "unit": job.unit,
        "done": job.done,
        "total": job.total,
    }
