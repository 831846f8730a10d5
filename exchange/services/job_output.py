"""What comes back from the sandbox: checked against what the step promises, hashed and sealed as it comes."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from django.conf import settings

from accounts.sealed import tenant_owner
from exchange.models import JobOutput, Verdict
from exchange.sandbox import Execution, SandboxError
from exchange.services.job_chain import APPLIED, Item, Task, verdict_of
from exchange.services.job_lease import Lease
from exchange.services.job_receive import Infected
from exchange.services.limits import name_check
from exchange.steps.base import Product
from exchange.steps.content_type import PREFIX, SUFFIX, content_type_detect
from exchange.steps.malware import Scan, ScannerDown, malware_scan
from exchange.steps.parts import parts_split
from vault.services import object_delete, object_reader, object_write


def outputs_make(
    lease: Lease, task: Task, taken: Sequence[Item], product: Product, execution: Execution
) -> Iterator[JobOutput]:
    """Rows that are not saved yet, each as soon as its content is stored. SandboxError, StorageFull, Infected."""
    if task.step.report_only:
        if any(execution):
            raise SandboxError("step_crashed")
        yield output_row(lease, task, result=APPLIED)
    elif task.step.cardinality == "split":
        for number, part in enumerate(parts_split(execution)):
            row = output_row(lease, task, result=APPLIED, part=number)
            yield _stored(lease, row, taken, _Checked(part.chunks, name_check(part.name), product.media_type))
    else:
        row = output_row(lease, task, result=APPLIED)
        yield _stored(lease, row, taken, _Checked(execution, product.name(taken[0].name), product.media_type))


def output_row(lease: Lease, task: Task, *, result: str, part: int = 0) -> JobOutput:
    """A row of this task that says nothing of content yet."""
    return JobOutput(
        tenant_id=lease.job.tenant_id,
        job=lease.job,
        variant=task.variant,
        index=task.index,
        item=task.key,
        part=part,
        result=result,
        version=task.step.version,
    )


def _stored(lease: Lease, row: JobOutput, taken: Sequence[Item], checked: "_Checked") -> JobOutput:
    row.object, row.size = object_write(owner=tenant_owner(row.tenant_id), chunks=checked.chunks())
    row.name, row.media_type, row.sha256 = checked.name, checked.media_type, checked.digest.hexdigest()
    row.verdict, row.verdict_reason = verdict_of(taken)
    if row.verdict != Verdict.CLEAN:
        try:
            scan = _scan(lease, row)
        except BaseException:
            object_delete(object_id=row.object, owner=tenant_owner(row.tenant_id))
            raise
        row.verdict, row.verdict_reason = scan.verdict, scan.reason
    return row


def _scan(lease: Lease, row: JobOutput) -> Scan:
    """What was taken out of a document that could not be scanned may be scanned now. Infected."""
    assert row.object
    reader = object_reader(object_id=row.object, owner=tenant_owner(row.tenant_id))
    try:
        scan = malware_scan(
            chunks=reader.chunks(), clamd=settings.SEALPOST_CLAMD, wait=lambda: lease.beat(row.size, row.size)
        )  # fmt: skip
    except ScannerDown:
        return Scan("not_scanned", "scanner_down")
    if scan.verdict == Verdict.INFECTED:
        raise Infected
    return scan


class _Checked:
    """Content on its way to the store; refused unless it is of the type that the step promises, where it does."""

    def __init__(self, chunks: Iterable[bytes], name: str, promised: str) -> None:
        self._chunks, self.name, self._promised = chunks, name, promised
        self.digest, self.media_type = hashlib.sha256(), promised

    def chunks(self) -> Iterator[bytes]:
        prefix = suffix = b""
        for block in self._chunks:
            prefix = (prefix + block)[:PREFIX] if len(prefix) < PREFIX else prefix
            suffix = (suffix + block[-SUFFIX:])[-SUFFIX:]
            self.digest.update(block)
            yield block
        found = content_type_detect(prefix, name=self.name, untrusted_suffix=suffix)
        if self._promised and found.media_type != self._promised:
            raise SandboxError("step_crashed")
        self.media_type = found.media_type
