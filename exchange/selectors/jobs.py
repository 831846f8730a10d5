"""Reads of the exchange for those who run it, of all organisations together; they say numbers and no row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import current_app
from django.db.models import Count, Min
from django_scopes import scopes_disabled
from kombu.exceptions import ChannelError, OperationalError

from exchange.models import Job

QUEUES = ("fast", "heavy")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many jobs are in a state, and since when the oldest is there."""

    count: int
    oldest: datetime | None


def jobs_waiting() -> dict[str, Waiting]:
    """By state, the jobs that are not ended; one query."""
    states = [Job.State.QUEUED, Job.State.RUNNING, Job.State.HELD]
    with scopes_disabled():
        rows = Job.objects.filter(state__in=states).order_by().values("state")
        found = {row["state"]: row for row in rows.annotate(count=Count("id"), oldest=Min("created_at"))}
    nothing: dict[str, Any] = {"count": 0, "oldest": None}
    return {
        state.value: Waiting(found.get(state, nothing)["count"], found.get(state, nothing)["oldest"])
        for state in states
    }


def queue_depths() -> dict[str, int | None]:
    """Messages in each queue of the broker that no worker has taken; None where the broker does not answer."""
    try:
        with current_app.connection_for_read(connect_timeout=2) as broker:
            return {name: _depth(broker, name) for name in QUEUES}
    except (OperationalError, OSError):
        return dict.fromkeys(QUEUES)


def _depth(broker: Any, name: str) -> int:
    try:
        with broker.channel() as channel:
            return int(channel.queue_declare(queue=name, passive=True).message_count)
    except ChannelError:  # nobody has used it yet
        return 0
