"""The job of a message that was delivered before, for recipients added since: their own steps, their deliveries.

What was made for everybody is there already, so nothing is scanned, processed or copied again. Whatever happens to the
addition, the message stays with those who have it.
"""

import logging
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.services import event_record
from exchange.models import Job, Message, Recipient
from exchange.queue import job_queue
from exchange.services.job_chain import Chain
from exchange.services.job_deliver import recipients_deliver
from exchange.services.job_lease import Lease, LeaseLost
from exchange.services.job_plan import Plan

_log = logging.getLogger("sealpost.jobs")


def job_afresh(job: Job) -> None:
    """Queue a job that is done once more. The caller holds the scope and a transaction, in which its row is locked."""
    afresh: dict[str, Any] = {"state": Job.State.QUEUED, "code": "", "objection": {}, "attempts": 0}
    Job.objects.filter(id=job.id).update(**afresh, cancel_requested=False, queued_at=None, run_after=timezone.now())
    transaction.on_commit(lambda: job_queue(job.id))


def addition_deliver(lease: Lease, plan: Plan, chain: Chain) -> None:
    """Deliver to those of the plan who still wait; who was added meanwhile gets a run of their own. LeaseLost."""
    message, planned = lease.job.message, {one.id for one in plan.recipients}
    with transaction.atomic():
        lease.write(state=Job.State.DONE, code="", objection={}, position=lease.job.of, lease_until=None)
        waiting = list(_waiting(message).select_for_update().order_by("id"))
        ready = [one for one in waiting if one.id in planned]
        reached = recipients_deliver(message=message, chain=chain, recipients=ready)
        if len(ready) < len(waiting):
            job_afresh(lease.job)
        if ready:
            _told(lease, {"recipients": reached}, "message.delivered")


def addition_end(lease: Lease, code: str, objection: dict[str, Any]) -> None:
    """The addition came to nothing: who waited for it is not reached, and the code says why."""
    try:
        with transaction.atomic():
            lease.write(state=Job.State.DONE, code=code, objection=objection, lease_until=None)
            refused = _waiting(lease.job.message).update(state=Recipient.State.REFUSED)
            _told(lease, {"code": code, "recipients": refused}, "message.addition_failed")
    except LeaseLost:
        _log.warning("job %s: the lease was lost; another worker goes on", lease.job.id)


def _waiting(message: Message) -> QuerySet[Recipient]:
    rows: QuerySet[Recipient] = Recipient.objects.filter(message=message, state=Recipient.State.WAITING)
    return rows


def _told(lease: Lease, details: dict[str, object], action: str) -> None:
    event_record(
        tenant_id=lease.job.tenant_id, actor=None, action=action, subject=lease.job.message_id, details=details
    )
