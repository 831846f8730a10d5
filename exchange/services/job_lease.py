"""Leases: one worker at a time has a job, and every write of a worker that lost it is refused by the fence."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import Tenant
from accounts.rules import quotas_of
from exchange.models import Job
from exchange.switched import JOBS, switched_off

WAITS = "jobs_at_once"  # the code of a job that waits for others of its organisation
DRAINED = "jobs_off"  # of one that waits until operators let workers take jobs again
STEP_OFF = "step_off"  # of one that is held since operators have switched a step of it off


class LeaseLost(Exception):
    """Another worker has the job now; this one must stop without a trace."""


class CancelRequested(Exception):
    """The sender wants the message back."""


def due() -> Q:
    """Jobs that may be taken now: queued and due, or left behind by a worker."""
    now = timezone.now()
    queued = Q(state=Job.State.QUEUED, run_after__lte=now)
    left = Q(state=Job.State.RUNNING, lease_until__lte=now)
    return (queued | left) & Q(tenant__state__in=Tenant.SIGNED_IN)  # those of a suspended organisation wait


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

    def hold(self) -> None:
        """Keep the lease for its whole length from now. LeaseLost."""
        self.write(lease_until=_until())

    def step(self, *, position: int, step: str, unit: str, total: int, of: int | None = None) -> None:
        """Begin a position of the plan, of which there may be more than was thought."""
        positions = {"position": position, "of": self.job.of if of is None else of}
        self.write(**positions, step=step, unit=unit, done=0, total=total, lease_until=_until())
        self._beaten = 0.0
        self.beat(0, total)


def _until() -> Any:
    return timezone.now() + timedelta(seconds=settings.SEALPOST_LEASE_SECONDS)


def lease_take(job_id: UUID) -> Lease | None:
    """The lease of a job that is due, or None: taking it counts an attempt.

    Where its organisation has as many running as it may, the job is put off until one of them ends; where operators
    drain the workers, until they let them go on.
    """
    with scopes_disabled(), transaction.atomic():
        if JOBS in switched_off():
            Job.objects.filter(due(), id=job_id).exclude(code=DRAINED).update(code=DRAINED)
            return None
        if _put_off(job_id):
            return None
        taken = Job.objects.filter(due(), id=job_id).update(
            state=Job.State.RUNNING, fence=F("fence") + 1, attempts=F("attempts") + 1, lease_until=_until(),
            queued_at=None, code="", started_at=Coalesce("started_at", timezone.now()), ended_at=None,
        )  # fmt: skip
        if not taken:
            return None
        job = Job.objects.select_related("tenant", "message__sender__tenant").get(id=job_id)
        return Lease(job=job, fence=job.fence)


def _put_off(job_id: UUID) -> bool:
    """Whether the organisation has no job to spare. The caller holds a transaction and all scopes."""
    tenant_id = Job.objects.filter(due(), id=job_id).values_list("tenant_id", flat=True).first()
    if tenant_id is None:
        return False
    Tenant.objects.select_for_update().get(id=tenant_id)  # two workers at once must not both take the last
    now = timezone.now()
    running = Job.objects.filter(tenant_id=tenant_id, state=Job.State.RUNNING, lease_until__gt=now)
    if running.exclude(id=job_id).count() < quotas_of(tenant_id).jobs_at_once:
        return False
    again = now + timedelta(seconds=settings.SEALPOST_SWEEP_SECONDS)
    Job.objects.filter(id=job_id).update(run_after=again, queued_at=None, code=WAITS)
    return True


def job_next(tenant_id: UUID) -> UUID | None:
    """The job of an organisation that was put off longest, due from now on: one of its others has ended."""
    with scopes_disabled():
        put_off = Job.objects.filter(tenant_id=tenant_id, state=Job.State.QUEUED, code=WAITS)
        found = put_off.order_by("created_at").values_list("id", flat=True).first()
        if found:
            Job.objects.filter(id=found).update(run_after=timezone.now())
        return found
