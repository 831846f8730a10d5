"""One step on what it takes: opened from the vault, run in the sandbox, sealed again before it counts as done."""

import json
import time
from collections.abc import Iterator

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.sealed import tenant_owner
from accounts.services import event_record
from exchange.models import JobOutput
from exchange.sandbox import SandboxError
from exchange.services.job_chain import NOT_APPLICABLE, SKIPPED, Item, Task
from exchange.services.job_lease import Lease, LeaseLost
from exchange.services.job_output import output_row, outputs_make
from exchange.steps.base import StepContext
from exchange.steps.parts import Part, parts_joined
from exchange.steps.registry import step_run
from vault.services import DocumentSigner, keyed_index, object_delete, object_reader

_DIGEST = "step-digest"


def task_run(lease: Lease, task: Task) -> list[JobOutput]:
    """Run a task and keep its outputs. SandboxError with a fixed code, LeaseLost, CancelRequested, StorageFull."""
    taken = [item for item in task.items if task.step.takes(item.media_type)]
    if not taken:
        return _keep(lease, task, [output_row(lease, task, result=NOT_APPLICABLE)])
    rows: list[JobOutput] = []
    begun = time.monotonic()
    try:
        _apply(lease, task, taken, rows)
    except BaseException:
        _discard(rows)
        raise
    for row in rows:
        row.milliseconds = int((time.monotonic() - begun) * 1000)
    return _keep(lease, task, rows)


def task_skip(lease: Lease, task: Task, code: str) -> list[JobOutput]:
    """Leave a document that a step refuses as it is, and say so. LeaseLost."""
    row = output_row(lease, task, result=SKIPPED)
    row.report = json.dumps({"findings": [{"code": code, "where": "", "text": ""}]})
    return _keep(lease, task, [row])


def _apply(lease: Lease, task: Task, taken: list[Item], rows: list[JobOutput]) -> None:
    """Run the step; `rows` grows by what it makes, so that whoever called can take it back."""
    step, most = task.step, task.step.limits.input_bytes
    if sum(item.size for item in taken) > most:
        raise SandboxError("step_input_too_large", limit=most)
    joins = step.cardinality == "join"
    media_type = "" if joins else taken[0].media_type
    execution = step_run(
        step,
        media_type=media_type,
        context=_context(lease, task, taken[0]),
        untrusted_input=parts_joined(_parts(lease, taken)) if joins else _content(lease, taken[0]),
        tick=lease.beat,
    )
    rows += outputs_make(lease, task, taken, step.product(media_type), execution)
    for row in rows:
        row.report = json.dumps(execution.report, sort_keys=True)


def _context(lease: Lease, task: Task, item: Item) -> StepContext:
    message, tenant = lease.job.message, lease.job.tenant
    return StepContext(
        recipient=task.recipient.login if task.recipient else "",
        date=timezone.now().date().isoformat(),
        sender=message.sender.login,
        message=str(message.id)[:8],
        name=item.name,
        signer=DocumentSigner(owner=tenant_owner(tenant.id), name=tenant.name),
    )


def _content(lease: Lease, item: Item) -> Iterator[bytes]:
    reader = object_reader(object_id=item.object, owner=tenant_owner(lease.job.tenant_id))
    for chunk in reader.chunks():
        yield bytes(chunk)


def _parts(lease: Lease, items: list[Item]) -> Iterator[Part]:
    for item in items:
        yield Part(item.name, item.media_type, _content(lease, item))


def _keep(lease: Lease, task: Task, rows: list[JobOutput]) -> list[JobOutput]:
    """Mark a task done under the fence, in the organisation's log too. LeaseLost where it came too late."""
    try:
        with transaction.atomic():
            lease.write(lease_until=lease.job.lease_until)
            for row in rows:
                row.save(force_insert=True)
            _record(lease, task, rows)
    except (IntegrityError, LeaseLost):
        _discard(rows)
        raise LeaseLost from None
    return rows


def _record(lease: Lease, task: Task, rows: list[JobOutput]) -> None:
    """Which step, on what, with what result: contents and parameters as digests that only this server can make."""
    if rows[0].result == NOT_APPLICABLE:
        return
    tenant_id = lease.job.tenant_id

    def digest(*texts: str) -> str:
        return keyed_index(purpose=_DIGEST, value=f"{tenant_id}:" + "\n".join(texts)).hex()

    details = {
        "step": task.step.name,
        "version": task.step.version,
        "parameters": digest(task.step.model_dump_json()),
        "input": digest(*(item.sha256 for item in task.items)),
        "output": digest(*(row.sha256 for row in rows)),
        "result": rows[0].result,
        "milliseconds": rows[0].milliseconds,
    }
    event_record(tenant_id=tenant_id, actor=None, action="step.done", subject=lease.job.message_id, details=details)


def _discard(rows: list[JobOutput]) -> None:
    """Give up outputs that do not count."""
    for row in rows:
        if row.object:
            object_delete(object_id=row.object, owner=tenant_owner(row.tenant_id))
