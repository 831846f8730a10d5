"""A worker's run of one job: receive, step by step, deliver; whatever happens, it ends in a state with a code."""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.services import event_record
from exchange.models import Job, JobOutput, Message
from exchange.queue import job_queue
from exchange.sandbox import INPUT_CODES, SandboxError
from exchange.services.job_addition import addition_deliver, addition_end
from exchange.services.job_chain import Chain, Task
from exchange.services.job_deliver import recipients_deliver
from exchange.services.job_judge import Stopped, discard_wanted, documents_discard, documents_judge
from exchange.services.job_lease import STEP_OFF, CancelRequested, Lease, LeaseLost, job_next, lease_take
from exchange.services.job_plan import HOLD, SKIP, Plan, job_plan
from exchange.services.job_receive import Infected, document_receive
from exchange.services.job_step import task_run, task_skip
from exchange.services.notices import held_notice
from exchange.steps.base import Step
from exchange.switched import steps_off
from vault.errors import StorageFull

_ATTEMPTS = 3
_TRANSIENT = frozenset({"step_crashed"})
_log = logging.getLogger("sealpost.jobs")


class StepStopped(Exception):
    """A document was refused by a step that its sender lets stop everything; `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class NoRecipientLeft(Exception):
    """Everybody was removed or disconnected meanwhile."""


def job_run(*, job_id: UUID) -> bool:
    """Do what a job still has to do, under a lease; False where there is nothing to do or another has it."""
    lease = lease_take(job_id)
    if lease is None:
        return False
    _work(lease)
    if following := job_next(lease.job.tenant_id):
        job_queue(following)
    return True


def _work(lease: Lease) -> None:
    job_id = lease.job.id
    with scope(tenant=lease.job.tenant):
        try:
            _run(lease)
        except LeaseLost:
            _log.warning("job %s: the lease was lost; another worker goes on", job_id)
        except CancelRequested:
            _end(lease, Job.State.CANCELLED, Message.State.CANCELLED, "")
        except Infected:
            _infected(lease)
        except Stopped as stopped:
            _end(lease, Job.State.HELD, Message.State.HELD, stopped.code, stopped.objection)
        except StepStopped as stopped:
            _end(lease, Job.State.CANCELLED, Message.State.CANCELLED, stopped.code)
        except NoRecipientLeft:
            _end(lease, Job.State.HELD, Message.State.HELD, "no_recipient_left")
        except StorageFull:
            _end(lease, Job.State.HELD, Message.State.HELD, "storage_full")
        except SandboxError as error:
            _refused(lease, error.code, limit=error.limit)
        except Exception as error:  # a worker must leave a state behind, whatever breaks
            _log.error("job %s: %s", job_id, type(error).__name__)
            _refused(lease, "attempts_exhausted", transient=True)


def _run(lease: Lease) -> None:
    if lease.job.attempts > _ATTEMPTS:
        raise SandboxError("attempts_exhausted")
    plan = job_plan(lease.job)
    chain = Chain(plan, lease.job.outputs.all())
    received = len(plan.documents)
    lease.write(of=received + chain.done + chain.expected(0) + 1)
    if chain.expected(0):
        _steps_check(lease, plan.steps)
    for position, document in enumerate(plan.documents):
        lease.step(position=position, step="receive", unit="bytes", total=document.size)
        document_receive(lease, document)
    chain, waiting = Chain(plan, lease.job.outputs.all()), plan.waited_for().recipients
    documents_judge(lease.job.message, waiting, chain.items(None, before=0))
    for task in chain.left():
        _steps_check(lease, [task.step])
        of = received + chain.done + chain.expected(task.index) + 1
        lease.step(position=received + chain.done, of=of, step=task.step.name, unit=task.step.unit, total=0)
        chain.add(_task(lease, task, plan.on_failure[task.index]))
    documents_judge(lease.job.message, waiting, [item for one in waiting for item in chain.items(one)])
    lease.step(position=lease.job.of - 1, step="deliver", unit="recipients", total=len(plan.recipients))
    _deliver(lease, plan, chain)


def _task(lease: Lease, task: Task, on_failure: str) -> list[JobOutput]:
    """Run a task; where the document is at fault and its sender wants that, pass it by or stop. StepStopped."""
    try:
        return task_run(lease, task)
    except SandboxError as error:
        if error.code not in INPUT_CODES or on_failure == HOLD:
            raise
        if on_failure == SKIP:
            return task_skip(lease, task, error.code)
        raise StepStopped(error.code) from None


def _steps_check(lease: Lease, steps: list[Step]) -> None:
    """Hold a job that still has to take a step which operators have switched off; which one stays in its row."""
    off = steps_off()
    step = next((step for step in steps if step.name in off), None)
    if step:
        lease.step(position=lease.job.position, step=step.name, unit="", total=0)
        raise SandboxError(STEP_OFF)


def _deliver(lease: Lease, plan: Plan, chain: Chain) -> None:
    """Everything is delivered in one transaction, once; people who have not enrolled yet get theirs when they do."""
    message = lease.job.message
    if message.state == Message.State.RECALLED:
        raise CancelRequested
    if message.state != Message.State.PROCESSING:
        addition_deliver(lease, plan, chain)
        return
    with transaction.atomic():
        lease.write(
            state=Job.State.DONE,
            code="",
            objection={},
            position=lease.job.of,
            lease_until=None,
            ended_at=timezone.now(),
        )
        if Job.objects.filter(id=lease.job.id, cancel_requested=True).exists():
            raise CancelRequested
        reached = recipients_deliver(message=message, chain=chain, recipients=plan.recipients)
        if not reached:
            raise NoRecipientLeft
        Message.objects.filter(id=message.id).update(state=Message.State.SENT)
        details = {"recipients": reached}
        event_record(
            tenant_id=message.tenant_id, actor=None, action="message.delivered", subject=message.id, details=details
        )


def _refused(lease: Lease, code: str, *, transient: bool = False, limit: int = 0) -> None:
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
    _end(lease, Job.State.HELD, Message.State.HELD, code, {"limit": limit} if limit else None)


def _infected(lease: Lease) -> None:
    """Hold the message, or destroy what is not clean of it where somebody's policy wants that."""
    objection = discard_wanted(lease.job.message, job_plan(lease.job))
    if objection:
        _end(lease, Job.State.CANCELLED, Message.State.CANCELLED, "infected", objection)
    else:
        _end(lease, Job.State.HELD, Message.State.HELD, "infected")


def _end(lease: Lease, state: str, message_state: str, code: str, objection: dict[str, Any] | None = None) -> None:
    """End a run in a state; an infected message that is cancelled loses what was not found clean."""
    if lease.job.message.state != Message.State.PROCESSING:
        addition_end(lease, code, objection or {})
        return
    discarded = code == "infected" and state == Job.State.CANCELLED
    try:
        with transaction.atomic():
            lease.write(state=state, code=code, objection=objection or {}, lease_until=None, ended_at=timezone.now())
            if discarded:
                documents_discard(lease.job.message)
            ended_at = timezone.now() if message_state == Message.State.CANCELLED else None
            Message.objects.filter(id=lease.job.message_id).update(state=message_state, ended_at=ended_at)
            event_record(
                tenant_id=lease.job.tenant_id,
                actor=None,
                action=f"message.{message_state}",
                subject=lease.job.message_id,
                details={"code": code, **(objection or {})},
            )
            if state == Job.State.HELD or discarded or code in INPUT_CODES:
                held_notice(message=lease.job.message, job=lease.job)
    except LeaseLost:
        _log.warning("job %s: the lease was lost; another worker goes on", lease.job.id)
