"""How a job reaches a worker: its id and nothing else; the sweep brings back what the broker lost."""

import logging
from uuid import UUID

from celery import current_app
from kombu.exceptions import OperationalError

_log = logging.getLogger("sealpost.jobs")


def job_queue(job_id: UUID) -> None:
    """Send a job's id. Where the broker is down the job stays queued in the database and the sweep sends it."""
    try:
        current_app.send_task("exchange.tasks.job_run", args=[str(job_id)], retry=False)
    except OperationalError:
        _log.warning("broker unreachable; job %s waits for the sweep", job_id)
