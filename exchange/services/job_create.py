"""The job of a new message, in the lane where it keeps nobody waiting."""

import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from exchange.models import Job, Message
from exchange.queue import job_queue
from exchange.steps.base import registered

_HEAVY_BYTES = 100 << 20  # of which steps are a matter of minutes


def job_create(message: Message) -> Job:
    """Queue the work on a message once its transaction is committed. The caller holds the scope."""
    job = Job.objects.create(
        tenant_id=message.tenant_id, message=message, lane=_lane(message), run_after=timezone.now()
    )
    transaction.on_commit(lambda: job_queue(job.id))
    return job


def _lane(message: Message) -> str:
    """Heavy where a step is, or where steps have much to do."""
    kept: list[dict[str, Any]] = json.loads(message.steps or "[]")
    size = sum(message.documents.values_list("size", flat=True)) if kept else 0
    heavy = size > _HEAVY_BYTES or any(registered()[item["step"]].heavy for item in kept)
    return Job.Lane.HEAVY if heavy else Job.Lane.FAST
