"""Whose turn it is: a worker that is free serves organisations one after the other, however many jobs each has waiting.

A broker's message says that there is a job to do; which one is found here. So a job that is passed over is done at a
later message, its own or another's, and none is done twice: a job is taken under its lease.
"""

from uuid import UUID

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import Tenant
from exchange.models import Job
from exchange.services.job_lease import due
from exchange.services.job_run import job_run

_TRIES = 10


def job_turn_run(*, job_id: UUID) -> None:
    """Do the job whose turn it is in the lane of this one; it may be this one."""
    for _ in range(_TRIES):  # others may take it first, or its organisation may have as many running as it may
        chosen = job_turn(job_id)
        if chosen is None or job_run(job_id=chosen):
            return


def job_turn(job_id: UUID) -> UUID | None:
    """The oldest due job in this one's lane, of the organisation with the fewest running and the longest without one.

    Three queries; None where nothing is due.
    """
    with scopes_disabled():
        lane = Job.objects.filter(id=job_id).values_list("lane", flat=True).first()
        waiting = Job.objects.filter(due(), lane=lane)
        jobs = Job.objects.filter(tenant=OuterRef("id")).order_by()
        running = jobs.filter(state=Job.State.RUNNING, lease_until__gt=timezone.now())
        counted = Subquery(running.values("tenant").annotate(n=Count("id")).values("n"), output_field=IntegerField())
        last = Subquery(jobs.exclude(started_at=None).order_by("-started_at").values("started_at")[:1])
        tenants = Tenant.objects.filter(Exists(waiting.filter(tenant=OuterRef("id"))))
        tenants = tenants.annotate(running=Coalesce(counted, 0), last=last)
        turn = tenants.order_by("running", F("last").asc(nulls_first=True)).values_list("id", flat=True).first()
        return waiting.filter(tenant=turn).order_by("created_at").values_list("id", flat=True).first()
