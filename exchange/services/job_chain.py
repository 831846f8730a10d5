"""How documents go through the steps of a job: what each step takes, and what the documents are after it.

Everything is found from the outputs that are there, so that a new worker finds where the last one stopped. A document
is known by its key: its position in the message, with the number of the part behind it where a step has made many of
one ("2.0"), and "+" for what was made of many.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from exchange.models import Document, JobOutput, Recipient, Verdict
from exchange.services.job_plan import Plan
from exchange.steps.base import Step

APPLIED, NOT_APPLICABLE, SKIPPED = "applied", "not_applicable", "skipped"
JOINED = "+"


@dataclass(frozen=True, slots=True)
class Item:
    """A document on its way: as it was sent, or as a step has made it. `said` is what steps did, for its recipients."""

    key: str
    name: str
    media_type: str
    sha256: str
    object: UUID
    size: int
    verdict: str
    verdict_reason: str
    type_agrees: bool
    said: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """One step on one document, or on all of them that it joins; `recipient` where its result names one."""

    index: int
    step: Step
    recipient: Recipient | None
    key: str
    items: tuple[Item, ...]

    @property
    def variant(self) -> str:
        """Which recipient's chain this belongs to; "" for everybody's."""
        return str(self.recipient.id) if self.recipient else ""

    @property
    def place(self) -> tuple[str, int, str]:
        """What tells this task from all others of its job."""
        return self.variant, self.index, self.key


class Chain:
    """The documents of a plan and what steps have made of them so far."""

    def __init__(self, plan: Plan, outputs: Iterable[JobOutput]) -> None:
        self._plan = plan
        self._made: dict[tuple[str, int, str], list[JobOutput]] = defaultdict(list)
        self._after: dict[tuple[str, int], list[Item]] = {}
        self.add(outputs)

    def add(self, outputs: Iterable[JobOutput]) -> None:
        """Take in what a task has made."""
        for row in sorted(outputs, key=lambda row: row.part):
            self._made[(row.variant, row.index, row.item)].append(row)

    @property
    def done(self) -> int:
        """Number of tasks that are done."""
        return len(self._made)

    def left(self) -> Iterator[Task]:
        """Every task that somebody waits for; what it made must be added before the next is asked for."""
        for index in range(len(self._plan.steps)):
            for recipient in self._recipients(index):
                waits = recipient is None or recipient.state == Recipient.State.WAITING
                yield from self._missing(index, recipient) if waits else ()

    def expected(self, at: int) -> int:
        """How many tasks are left from step `at` on, if no step makes one document many."""
        count = 0
        for index in range(at, len(self._plan.steps)):
            for recipient in self._recipients(index):
                if recipient is None or recipient.state == Recipient.State.WAITING:
                    items = self._latest(index, recipient)
                    joins = self._plan.steps[index].cardinality == "join"
                    variant = str(recipient.id) if recipient else ""
                    keys = [JOINED] if joins else [item.key for item in items]
                    count += sum((variant, index, key) not in self._made for key in keys)
        return count

    def complete_for(self, recipient: Recipient) -> bool:
        """Whether everything that is to be made for this recipient is made."""
        steps = range(len(self._plan.steps))
        return not any(
            next(self._missing(index, recipient if index >= self._plan.fork else None), None) for index in steps
        )

    def items(self, recipient: Recipient | None, *, before: int | None = None) -> list[Item]:
        """The documents of a recipient before a step, or after all of them; every step before must be done."""
        items = [item_original(document) for document in self._plan.documents]
        for index in range(len(self._plan.steps) if before is None else before):
            variant = str(recipient.id) if recipient and index >= self._plan.fork else ""
            if (variant, index) not in self._after:
                self._after[(variant, index)] = self._follow(index, variant, items)
            items = self._after[(variant, index)]
        return items

    def _recipients(self, index: int) -> Sequence[Recipient | None]:
        return self._plan.recipients if index >= self._plan.fork else [None]

    def _missing(self, index: int, recipient: Recipient | None) -> Iterator[Task]:
        step = self._plan.steps[index]
        variant = str(recipient.id) if recipient else ""
        for key, items in _inputs(step, self.items(recipient, before=index)):
            if (variant, index, key) not in self._made:
                yield Task(index, step, recipient, key, items)

    def _latest(self, index: int, recipient: Recipient | None) -> list[Item]:
        """The documents before a step as far as they are made."""
        for before in range(index, -1, -1):
            try:
                return self.items(recipient, before=before)
            except KeyError:
                continue
        return []

    def _follow(self, index: int, variant: str, items: list[Item]) -> list[Item]:
        """The documents after a step. KeyError where it is not done."""
        step, following = self._plan.steps[index], []
        for key, taken in _inputs(step, items):
            rows = self._made.get((variant, index, key))
            if rows is None:
                raise KeyError(key)
            following += _made(step, key, taken, rows)
        if step.cardinality == "join":
            following += [item for item in items if not step.takes(item.media_type)]
        return following


def _inputs(step: Step, items: list[Item]) -> Iterator[tuple[str, tuple[Item, ...]]]:
    if step.cardinality != "join":
        yield from ((item.key, (item,)) for item in items)
        return
    yield JOINED, tuple(item for item in items if step.takes(item.media_type))


def _made(step: Step, key: str, taken: tuple[Item, ...], rows: list[JobOutput]) -> list[Item]:
    report = json.loads(rows[0].report or "{}")
    said = {"step": step.name, "version": rows[0].version, "result": rows[0].result, "report": report}
    made = [row for row in rows if row.object]
    if not made:
        return [replace(item, said=(*item.said, said)) for item in taken]
    before = taken[0].said if len(taken) == 1 else ()
    many = step.cardinality == "split"
    return [_output(row, taken[0], f"{key}.{row.part}" if many else key, (*before, said)) for row in made]


def _output(row: JobOutput, source: Item, key: str, said: tuple[dict[str, Any], ...]) -> Item:
    assert row.object
    return Item(
        key=key,
        name=row.name or source.name,
        media_type=row.media_type,
        sha256=row.sha256,
        object=row.object,
        size=row.size,
        verdict=row.verdict,
        verdict_reason=row.verdict_reason,
        type_agrees=True,
        said=said,
    )


def item_original(document: Document) -> Item:
    """A document as it was sent."""
    return Item(
        key=str(document.position),
        name=document.name,
        media_type=document.media_type,
        sha256=document.sha256,
        object=document.object,
        size=document.size,
        verdict=document.verdict,
        verdict_reason=document.verdict_reason,
        type_agrees=document.type_agrees,
    )


def verdict_of(items: Sequence[Item]) -> tuple[str, str]:
    """The verdict on what is made of these, and its reason: that of the worst."""
    worst = next((item for item in items if item.verdict != Verdict.CLEAN), items[0])
    return worst.verdict, worst.verdict_reason
