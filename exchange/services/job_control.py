"""What a sender may do about the work on a message, and the sweep that brings lost work back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import User
from accounts.peer import Peer
from accounts.services import event_record
from exchange.errors import JobFinished, JobNotHeld, NotFound
from exchange.models import Document, Job, Message, Verdict
from exchange.queue import job_queue
from exchange.services.job_lease import due
from exchange.services.outbox import message_find, outbox_show
from exchange.services.requests import request_find, request_show
from exchange.switched import JOBS, switched_off

_AFRESH: dict[str, Any] = {
    "state": Job.State.QUEUED, "code": "", "objection": {}, "attempts": 0, "cancel_requested": False, "queued_at": None,
}  # fmt: skip


def _retry(message: Message, *, actor: User | None, details: dict[str, Any]) -> None:
    """JobNotHeld. The caller holds the scope and a transaction."""
    held = Job.objects.filter(message=message, state=Job.State.HELD)
    if held.filter(code="not_scanned").exists():
        unscanned = Document.objects.filter(message=message, verdict=Verdict.NOT_SCANNED)
        unscanned.update(verdict=Verdict.PENDING, verdict_reason="")
    if not held.update(**_AFRESH, run_after=timezone.now()):
        raise JobNotHeld
    Message.objects.filter(id=message.id).update(state=Message.State.PROCESSING)
    event_record(
        tenant_id=message.tenant_id, actor=actor, action="message.retried", subject=message.id, details=details
    )
    transaction.on_commit(lambda: job_queue(message.job.id))


def _cancel(message: Message, *, actor: User | None, details: dict[str, Any]) -> None:
    """JobFinished. The caller holds the scope and a transaction."""
    if message.state not in {Message.State.PROCESSING, Message.State.HELD}:
        raise JobFinished  # what its job does now is for recipients added afterwards, who can be recalled
    waiting = Job.objects.filter(message=message, state__in=[Job.State.QUEUED, Job.State.HELD])
    running = Job.objects.filter(message=message, state=Job.State.RUNNING)
    if waiting.update(state=Job.State.CANCELLED):
        Message.objects.filter(id=message.id).update(state=Message.State.CANCELLED, ended_at=timezone.now())
    elif not running.update(cancel_requested=True):
        raise JobFinished
    event_record(tenant_id=message.tenant_id, actor=actor, action="message.cancel", subject=message.id, details=details)


@transaction.atomic
def job_retry(*, peer: Peer, message_id: UUID) -> dict[str, Any]:
    """Try a held message again, with three fresh attempts. NotFound, JobNotHeld. Returns the outbox detail.

    What was held because it was not scanned is scanned again.
    """
    with scope(tenant=peer.tenant):
        message = message_find(peer=peer, message_id=message_id)
        _retry(message, actor=peer.user, details={})
        return outbox_show(peer=peer, message_id=message_id)


@transaction.atomic
def deposit_retry(*, peer: Peer, request_id: UUID, deposit_id: UUID) -> dict[str, Any]:
    """The same for a deposit, by those whose mailbox its request fills. NotFound, JobNotHeld. Returns the request."""
    with scope(tenant=peer.tenant):
        request = request_find(peer=peer, request_id=request_id)
        deposit = Message.objects.select_related("job").filter(id=deposit_id, sender=request.depositor).first()
        if deposit is None:
            raise NotFound
        _retry(deposit, actor=peer.user, details={})
        return request_show(peer=peer, request_id=request_id)


@transaction.atomic
def job_cancel(*, peer: Peer, message_id: UUID) -> dict[str, Any]:
    """Take a message back before it is delivered. NotFound, JobFinished. Returns the outbox detail."""
    with scope(tenant=peer.tenant):
        message = message_find(peer=peer, message_id=message_id)
        _cancel(message, actor=peer.user, details={})
        return outbox_show(peer=peer, message_id=message_id)


@transaction.atomic
def job_retry_operator(*, job_id: UUID, operator: str, only: str = "") -> bool:
    """The same by an operator (their number). NotFound, JobNotHeld.

    `only` a job that is held with this code; False, and nothing happens, for another.
    """
    job = _job_of_any(job_id)
    if only and (job.state, job.code) != (Job.State.HELD, only):
        return False
    with scope(tenant=job.tenant):
        _retry(job.message, actor=None, details={"operator": operator})
    return True


@transaction.atomic
def job_cancel_operator(*, job_id: UUID, operator: str) -> None:
    """The same by an operator (their number). NotFound, JobFinished."""
    job = _job_of_any(job_id)
    with scope(tenant=job.tenant):
        _cancel(job.message, actor=None, details={"operator": operator})


def _job_of_any(job_id: UUID) -> Job:
    """A job of any organisation, its row locked. NotFound."""
    with scopes_disabled():
        rows = Job.objects.select_related("tenant", "message").select_for_update(of=("self",))
        job = rows.filter(id=job_id).first()
    if job is None:
        raise NotFound
    return job


def jobs_sweep() -> int:
    """Send every job that is due and was lost or left behind; how many.

    One that was sent within the time of a lease may still wait its turn at the broker, and is not sent again. None
    while workers take no jobs.
    """
    if JOBS in switched_off():
        return 0
    unsent = Q(queued_at=None) | Q(queued_at__lte=timezone.now() - timedelta(seconds=settings.SEALPOST_LEASE_SECONDS))
    with scopes_disabled():
        ids = list(Job.objects.filter(due(), unsent).order_by("run_after").values_list("id", flat=True)[:1000])
    for job_id in ids:
        job_queue(job_id)
    return len(ids)
