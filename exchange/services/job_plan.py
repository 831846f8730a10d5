"""What a job has to do: its documents, its steps, its recipients."""

import json
from dataclasses import dataclass, replace

from exchange.models import Document, Job, Recipient
from exchange.steps.base import Step
from exchange.steps.registry import step_parse

HOLD, SKIP, STOP = "hold", "skip", "stop"
ON_FAILURE = (HOLD, SKIP, STOP)


@dataclass(frozen=True, slots=True)
class Plan:
    """Documents to receive, steps to do, recipients to deliver to."""

    documents: list[Document]
    recipients: list[Recipient]
    steps: list[Step]
    on_failure: list[str]  # of each step: hold, skip or stop

    @property
    def fork(self) -> int:
        """The number of the first step from which on each recipient has documents of their own."""
        return next((index for index, step in enumerate(self.steps) if step.per_recipient()), len(self.steps))

    def waited_for(self) -> "Plan":
        """The same, for those alone who have not got it yet."""
        return replace(self, recipients=[one for one in self.recipients if one.state == Recipient.State.WAITING])


def job_plan(job: Job) -> Plan:
    """The plan of a job; the caller holds the scope."""
    kept = json.loads(job.message.steps or "[]")
    return Plan(
        documents=list(job.message.documents.all()),
        recipients=list(job.message.recipients.order_by("id")),
        steps=[step_parse(item["step"], item["parameters"]) for item in kept],
        on_failure=[item.get("on_failure", HOLD) for item in kept],
    )
