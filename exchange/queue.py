"""How a job reaches a worker: its id and nothing else; the sweep brings back what the broker lost."""

import logging
from uuid import UUID

from celery import current_app
from django.utils import timezone
from django_scopes import scopes_disabled
from kombu.exceptions import OperationalError

from exchange.models import Job

_log = logging.getLogger("sealpost.jobs")


def waiting_queue() -> None:
    """Ask for what waits for people who have enrolled; where the broker is down the scheduler asks within a minute."""
    try:
        current_app.send_task("exchange.tasks.waiting_deliver", retry=False)
    except OperationalError:
        _log.warning("broker unreachable; waiting deliveries wait for the scheduler")


def job_queue(job_id: UUID) -> None:
    """Send a job's id. Where the broker is down the job stays queued in the database and the sweep sends it."""
    with scopes_disabled():
        job = Job.objects.filter(id=job_id)
        job.update(queued_at=timezone.now())
        lane = job.values_list("lane", flat=True).first()
        try:
            current_app.send_task("exchange.tasks.job_run", args=[str(job_id)], queue=lane, retry=False)
        except OperationalError:
            job.update(queued_at=None)
            _log.warning("broker unreachable; job %s waits for the sweep", job_id)
