"""Leases: one worker at a time has a job, and every write of a worker that lost it is refused by the fence."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django_scopes import scopes_disabled

from exchange.models import Job


class LeaseLost(Exception):
    """Another worker has the job now; this one must stop without a trace."""


class CancelRequested(Exception):
    """The sender wants the message back."""


def due() -> Q:
    """Jobs that may be taken now: queued and due, or left behind by a worker."""
    now = timezone.now()
    queued = Q(state=Job.State.QUEUED, run_after__lte=now)
    return queued | Q(state=Job.State.RUNNING, lease_until__lte=now)


@dataclass(slots=True)
class Lease:
    """A job taken under fence `fence`."""

    job: Job
    fence: int
    _beaten: float = 0.0

    def write(self, **values: Any) -> None:
        """Write to the job's row. LeaseLost when it is not ours any more."""
        if not Job.objects.filter(id=self.job.id, fence=self.fence, state=Job.State.RUNNING).update(**values):
            raise LeaseLost
        for name, value in values.items():
            setattr(self.job, name, value)

    def beat(self, done: int, total: int) -> None:
        """Extend the lease and tell the progress, at most once a second. LeaseLost, CancelRequested."""
        now = time.monotonic()
        if now - self._beaten < 1:
            return
        self._beaten = now
        self.write(done=done, total=total, lease_until=_until())
        if Job.objects.filter(id=self.job.id, cancel_requested=True).exists():
            raise CancelRequested

    def hold(self, seconds: float) -> None:
        """Keep the lease through a wait in which nothing can beat. LeaseLost."""
        self.write(lease_until=_until() + timedelta(seconds=seconds))

    def step(self, *, position: int, step: str, unit: str, total: int) -> None:
        """Begin a position of the plan."""
        self.write(position=position, step=step, unit=unit, done=0, total=total, lease_until=_until())
        self._beaten = 0.0
        self.beat(0, total)


def _until() -> Any:
    return timezone.now() + timedelta(seconds=settings.SEALPOST_LEASE_SECONDS)


def lease_take(job_id: UUID) -> Lease | None:
    """The lease of a job that is due, or None: taking it counts an attempt."""
    with scopes_disabled():
        taken = Job.objects.filter(due(), id=job_id).update(
            state=Job.State.RUNNING, fence=F("fence") + 1, attempts=F("attempts") + 1, lease_until=_until(),
            queued_at=None,
        )  # fmt: skip
        if not taken:
            return None
        job = Job.objects.select_related("tenant", "message__sender__tenant").get(id=job_id)
        return Lease(job=job, fence=job.fence)
