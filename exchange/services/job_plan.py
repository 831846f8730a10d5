"""What a job has to do: a fixed list of tasks, so that a new worker finds where the last one stopped."""

import json
from dataclasses import dataclass, replace
from typing import Any

from exchange.models import Document, Job, JobOutput, Recipient
from exchange.steps.base import Step
from exchange.steps.registry import step_parse


@dataclass(frozen=True, slots=True)
class Task:
    """One step on one document; `recipient` where its result names one."""

    document: Document
    index: int
    step: Step
    recipient: Recipient | None

    @property
    def variant(self) -> str:
        """Which of the document's chains this belongs to."""
        return str(self.recipient.id) if self.recipient else ""

    @property
    def waited_for(self) -> bool:
        """Whether anybody still waits for its result."""
        return self.recipient is None or self.recipient.state == Recipient.State.WAITING


@dataclass(frozen=True, slots=True)
class Plan:
    """Documents to receive, tasks to do, recipients to deliver to."""

    documents: list[Document]
    recipients: list[Recipient]
    tasks: list[Task]

    @property
    def of(self) -> int:
        """Number of positions, the delivery last."""
        return len(self.documents) + len(self.tasks) + 1

    def waited_for(self) -> "Plan":
        """The same, for those alone who have not got it yet."""
        return replace(self, recipients=[one for one in self.recipients if one.state == Recipient.State.WAITING])

    def done_for(self, recipient: Recipient, outputs: list[JobOutput]) -> bool:
        """Whether everything that is to be made for this recipient is made."""
        done = {(row.document_id, row.variant, row.index) for row in outputs}
        wanted = [task for task in self.tasks if task.recipient in {None, recipient}]
        return all((task.document.id, task.variant, task.index) in done for task in wanted)


def job_plan(job: Job) -> Plan:
    """The plan of a job; the caller holds the scope."""
    documents = list(job.message.documents.all())
    recipients = list(job.message.recipients.order_by("id"))
    steps = [step_parse(item["step"], item["parameters"]) for item in json.loads(job.message.steps or "[]")]
    tasks: list[Task] = []
    for document in documents:
        chains: list[Recipient | None] = [None]
        for index, step in enumerate(steps):
            if step.per_recipient():
                chains = [*recipients]
            tasks += [Task(document, index, step, recipient) for recipient in chains]
    return Plan(documents=documents, recipients=recipients, tasks=tasks)


def output_before(outputs: list[JobOutput], document: Document, *, variant: str, index: int) -> JobOutput | None:
    """The latest output of a document's chain before a step that made something; None: the original."""
    chain = [
        row
        for row in outputs
        if row.document_id == document.id and row.variant in {"", variant} and row.index < index and row.object
    ]
    return max(chain, key=lambda row: row.index, default=None)


def steps_said(outputs: list[JobOutput], plan: Plan, document: Document, *, variant: str) -> list[dict[str, Any]]:
    """What was done to a document of one chain, as docs/protocol.md section 11 says it."""
    chain = {row.index: row for row in outputs if row.document_id == document.id and row.variant in {"", variant}}
    names = {task.index: task.step.name for task in plan.tasks}
    return [
        {"step": names[index], "result": row.result, "report": json.loads(row.report or "{}")}
        for index, row in sorted(chain.items())
        if index in names
    ]
