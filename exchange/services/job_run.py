"""A worker's run of one job: receive, step by step, deliver; whatever happens, it ends in a state with a code."""

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.models import User
from accounts.selectors import connected_tenants, users_by_id
from accounts.services import chains_lock, event_record
from exchange.models import Job, JobOutput, Message, Recipient
from exchange.sandbox import SandboxError
from exchange.services.across_tenants import Result, delivery_create
from exchange.services.job_lease import CancelRequested, Lease, LeaseLost, lease_take
from exchange.services.job_plan import Plan, job_plan, output_before, steps_said
from exchange.services.job_receive import Infected, document_receive
from exchange.services.job_step import task_run
from vault.errors import StorageFull

_ATTEMPTS = 3
_TRANSIENT = frozenset({"step_crashed"})
_log = logging.getLogger("sealpost.jobs")


class NoRecipientLeft(Exception):
    """Everybody was removed or disconnected meanwhile."""


def job_run(*, job_id: UUID) -> None:
    """Do what a job still has to do, under a lease. Returns at once when there is nothing to do or another has it."""
    lease = lease_take(job_id)
    if lease is None:
        return
    with scope(tenant=lease.job.tenant):
        try:
            _run(lease)
        except LeaseLost:
            _log.warning("job %s: the lease was lost; another worker goes on", job_id)
        except CancelRequested:
            _end(lease, Job.State.CANCELLED, Message.State.CANCELLED, "")
        except Infected:
            _end(lease, Job.State.HELD, Message.State.HELD, "infected")
        except NoRecipientLeft:
            _end(lease, Job.State.HELD, Message.State.HELD, "no_recipient_left")
        except StorageFull:
            _end(lease, Job.State.HELD, Message.State.HELD, "storage_full")
        except SandboxError as error:
            _refused(lease, error.code)
        except Exception as error:  # a worker must leave a state behind, whatever breaks
            _log.error("job %s: %s", job_id, type(error).__name__)
            _refused(lease, "attempts_exhausted", transient=True)


def _run(lease: Lease) -> None:
    if lease.job.attempts > _ATTEMPTS:
        raise SandboxError("attempts_exhausted")
    plan = job_plan(lease.job)
    lease.write(of=plan.of)
    for position, document in enumerate(plan.documents):
        lease.step(position=position, step="receive", unit="bytes", total=document.size)
        document_receive(lease, document)
    outputs = list(lease.job.outputs.all())
    done = {(row.document_id, row.variant, row.index) for row in outputs}
    for position, task in enumerate(plan.tasks, len(plan.documents)):
        if (task.document.id, task.variant, task.index) not in done:
            before = output_before(outputs, task.document, variant=task.variant, index=task.index)
            lease.step(position=position, step=task.step.name, unit=task.step.unit, total=0)
            outputs.append(task_run(lease, task, before))
    lease.step(position=plan.of - 1, step="deliver", unit="recipients", total=len(plan.recipients))
    _deliver(lease, plan, outputs)


def _deliver(lease: Lease, plan: Plan, outputs: list[JobOutput]) -> None:
    """Everything is delivered in one transaction, once."""
    message, sender = lease.job.message, lease.job.message.sender
    people = users_by_id(recipient.user_id for recipient in plan.recipients)
    allowed = connected_tenants(lease.job.tenant_id)
    with transaction.atomic():
        lease.write(state=Job.State.DONE, code="", position=plan.of, lease_until=None)
        if Job.objects.filter(id=lease.job.id, cancel_requested=True).exists():
            raise CancelRequested
        chains_lock({message.tenant_id, *(user.tenant_id for user in people.values())})
        reached = 0
        for recipient in plan.recipients:
            user = people.get(recipient.user_id)
            if user is None or user.state != User.State.ACTIVE or user.tenant_id not in allowed:
                Recipient.objects.filter(id=recipient.id).update(state=Recipient.State.REFUSED)
                continue
            results = _results(plan, outputs, recipient)
            delivery_create(message=message, sender=sender, recipient=recipient, user=user, results=results)
            reached += 1
        if not reached:
            raise NoRecipientLeft
        Message.objects.filter(id=message.id).update(state=Message.State.SENT)
        details = {"recipients": reached}
        event_record(
            tenant_id=message.tenant_id, actor=None, action="message.delivered", subject=message.id, details=details
        )


def _results(plan: Plan, outputs: list[JobOutput], recipient: Recipient) -> list[Result]:
    variant, last = str(recipient.id), len(plan.tasks) + 1
    return [
        Result(
            document=document,
            output=output_before(outputs, document, variant=variant, index=last),
            steps=steps_said(outputs, plan, document, variant=variant),
        )
        for document in plan.documents
    ]


def _refused(lease: Lease, code: str, *, transient: bool = False) -> None:
    """Try again later where that may help, else hold the message with a code and a button."""
    attempts = lease.job.attempts
    if (transient or code in _TRANSIENT) and attempts < _ATTEMPTS:
        wait = settings.SEALPOST_RETRY_SECONDS[attempts - 1]
        try:
            again = timezone.now() + timedelta(seconds=wait)
            lease.write(state=Job.State.QUEUED, run_after=again, lease_until=None)
        except LeaseLost:
            _log.warning("job %s: the lease was lost; another worker goes on", lease.job.id)
        return
    _end(lease, Job.State.HELD, Message.State.HELD, code)


def _end(lease: Lease, state: str, message_state: str, code: str) -> None:
    try:
        with transaction.atomic():
            lease.write(state=state, code=code, lease_until=None)
            Message.objects.filter(id=lease.job.message_id).update(state=message_state)
            event_record(
                tenant_id=lease.job.tenant_id,
                actor=None,
                action=f"message.{message_state}",
                subject=lease.job.message_id,
                details={"code": code},
            )
    except LeaseLost:
        _log.warning("job %s: the lease was lost; another worker goes on", lease.job.id)
