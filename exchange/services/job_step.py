"""One step on one document: opened from the vault, run in the sandbox, sealed again before it counts as done."""

import hashlib
import json
from collections.abc import Iterator

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.sealed import tenant_owner
from exchange.models import JobOutput
from exchange.sandbox import Execution, SandboxError
from exchange.services.job_lease import Lease, LeaseLost
from exchange.services.job_plan import Task
from exchange.steps.base import StepContext
from exchange.steps.content_type import PREFIX, content_type_detect
from exchange.steps.registry import step_run
from vault.services import object_delete, object_reader, object_write

_INPUT_MOST = 200 << 20
APPLIED, NOT_APPLICABLE = "applied", "not_applicable"


def task_run(lease: Lease, task: Task, before: JobOutput | None) -> JobOutput:
    """Run a task and keep its output. SandboxError with a fixed code, LeaseLost, CancelRequested, StorageFull."""
    document = task.document
    media_type = before.media_type if before else document.media_type
    row = JobOutput(
        tenant_id=document.tenant_id, job=lease.job, document=document, variant=task.variant, index=task.index
    )
    if not task.step.takes(media_type):
        row.result = NOT_APPLICABLE
    else:
        _apply(lease, task, row, before, media_type)
    return _keep(lease, row)


def _apply(lease: Lease, task: Task, row: JobOutput, before: JobOutput | None, media_type: str) -> None:
    document, owner = task.document, tenant_owner(task.document.tenant_id)
    source = (before.object if before else None) or document.object
    reader = object_reader(object_id=source, owner=owner)
    if reader.size > _INPUT_MOST:
        raise SandboxError("step_output_too_large")
    message = lease.job.message
    context = StepContext(
        recipient=task.recipient.login if task.recipient else "",
        date=timezone.now().date().isoformat(),
        sender=message.sender.login,
        message=str(message.id)[:8],
        name=document.name,
    )
    execution = step_run(
        task.step, media_type=media_type, context=context, untrusted_input=_copies(reader.chunks()), tick=lease.beat
    )
    result = _Checked(execution, media_type)
    row.object, row.size = object_write(owner=owner, chunks=result.chunks())
    row.result, row.media_type, row.sha256 = APPLIED, media_type, result.digest.hexdigest()
    row.report = json.dumps(execution.report, sort_keys=True)


def _copies(chunks: Iterator[memoryview]) -> Iterator[bytes]:
    for chunk in chunks:
        yield bytes(chunk)


class _Checked:
    """What comes back from the sandbox: hashed, and refused unless it is of the type that the step promises."""

    def __init__(self, execution: Execution, media_type: str) -> None:
        self._execution, self._media_type = execution, media_type
        self.digest = hashlib.sha256()

    def chunks(self) -> Iterator[bytes]:
        prefix = b""
        for block in self._execution:
            prefix = (prefix + block)[:PREFIX] if len(prefix) < PREFIX else prefix
            self.digest.update(block)
            yield block
        if content_type_detect(prefix, name="").media_type not in {self._media_type, "application/zip"}:
            raise SandboxError("step_crashed")


def _keep(lease: Lease, row: JobOutput) -> JobOutput:
    """Mark a step done under the fence; an output that came too late is thrown away."""
    try:
        with transaction.atomic():
            lease.write(lease_until=lease.job.lease_until)
            row.save(force_insert=True)
    except (IntegrityError, LeaseLost):
        if row.object:
            object_delete(object_id=row.object, owner=tenant_owner(row.tenant_id))
        raise LeaseLost from None
    return row
