"""What a sender may do about the work on a message, and the sweep that brings lost work back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.peer import Peer
from accounts.services import event_record
from exchange.errors import JobFinished, JobNotHeld
from exchange.models import Document, Job, Message, Verdict
from exchange.queue import job_queue
from exchange.services.job_lease import due
from exchange.services.outbox import message_find, outbox_show

_AFRESH: dict[str, Any] = {
    "state": Job.State.QUEUED, "code": "", "objection": {}, "attempts": 0, "cancel_requested": False, "queued_at": None,
}  # fmt: skip


@transaction.atomic
def job_retry(*, peer: Peer, message_id: UUID) -> dict[str, Any]:
    """Try a held message again, with three fresh attempts. NotFound, JobNotHeld. Returns the outbox detail.

    What was held because it was not scanned is scanned again.
    """
    with scope(tenant=peer.tenant):
        message = message_find(peer=peer, message_id=message_id)
        held = Job.objects.filter(message=message, state=Job.State.HELD)
        if held.filter(code="not_scanned").exists():
            unscanned = Document.objects.filter(message=message, verdict=Verdict.NOT_SCANNED)
            unscanned.update(verdict=Verdict.PENDING, verdict_reason="")
        if not held.update(**_AFRESH, run_after=timezone.now()):
            raise JobNotHeld
        Message.objects.filter(id=message.id).update(state=Message.State.PROCESSING)
        event_record(tenant_id=peer.tenant.id, actor=peer.user, action="message.retried", subject=message.id)
        transaction.on_commit(lambda: job_queue(message.job.id))
        return outbox_show(peer=peer, message_id=message_id)


@transaction.atomic
def job_cancel(*, peer: Peer, message_id: UUID) -> dict[str, Any]:
    """Take a message back before it is delivered. NotFound, JobFinished. Returns the outbox detail."""
    with scope(tenant=peer.tenant):
        message = message_find(peer=peer, message_id=message_id)
        if message.state not in {Message.State.PROCESSING, Message.State.HELD}:
            raise JobFinished  # what its job does now is for recipients added afterwards, who can be recalled
        waiting = Job.objects.filter(message=message, state__in=[Job.State.QUEUED, Job.State.HELD])
        running = Job.objects.filter(message=message, state=Job.State.RUNNING)
        if waiting.update(state=Job.State.CANCELLED):
            Message.objects.filter(id=message.id).update(state=Message.State.CANCELLED, ended_at=timezone.now())
        elif not running.update(cancel_requested=True):
            raise JobFinished
        event_record(tenant_id=peer.tenant.id, actor=peer.user, action="message.cancel", subject=message.id)
        return outbox_show(peer=peer, message_id=message_id)


def jobs_sweep() -> int:
    """Send every job that is due and was lost or left behind; how many.

    One that was sent within the time of a lease may still wait its turn at the broker, and is not sent again.
    """
    unsent = Q(queued_at=None) | Q(queued_at__lte=timezone.now() - timedelta(seconds=settings.SEALPOST_LEASE_SECONDS))
    with scopes_disabled():
        ids = list(Job.objects.filter(due(), unsent).order_by("run_after").values_list("id", flat=True)[:1000])
    for job_id in ids:
        job_queue(job_id)
    return len(ids)
