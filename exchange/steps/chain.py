"""Whether steps can follow each other: judged by what each consumes, makes and must come before, never by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from exchange.steps.base import ANY, Step, StepChainInvalid

STEPS_MOST = 10


def chain_check(steps: Sequence[Step]) -> list[int]:
    """Places of the steps in an order that keeps every rule. StepChainInvalid for what no order mends.

    More than 10 steps; steps of which each must come before the other; a step that can never receive anything,
    because of what those before it make of every document.
    """
    if len(steps) > STEPS_MOST:
        _refuse(steps, STEPS_MOST, f"is one too many: a chain has {STEPS_MOST} steps at most")
    order, contradiction = _order(steps)
    if contradiction:
        first, last = min(contradiction), max(contradiction)
        other = "asked for twice" if steps[first].name == steps[last].name else f"together with “{steps[first].title}”"
        _refuse(steps, last, f"cannot be done {other}: each must come before the other")
    possible = Possible()
    for at in order:
        if not possible.taken(steps[at]):
            _refuse(steps, at, "never receives a document of a kind that it takes, after what the steps before it make")
        possible = possible.after(steps[at])
    return order


def _order(steps: Sequence[Step]) -> tuple[list[int], list[int]]:
    """Places in an order that keeps the rules, and those of the first circle of steps that allows none."""
    left = list(range(len(steps)))
    order: list[int] = []
    circle: list[int] = []
    while left:
        free = next((at for at in left if not _earlier(steps, at, left)), None)
        if free is None:
            circle = circle or _circle(steps, left)
            free = circle[0] if circle[0] in left else left[0]
        left.remove(free)
        order.append(free)
    return order, circle


def _earlier(steps: Sequence[Step], at: int, left: Sequence[int]) -> list[int]:
    return [other for other in left if other != at and steps[at].name in steps[other].before]


def _circle(steps: Sequence[Step], left: Sequence[int]) -> list[int]:
    """From a step to one that must come before it, until one is met again."""
    walked, at = [], left[0]
    while at not in walked:
        walked.append(at)
        at = _earlier(steps, at, left)[0]
    return walked[walked.index(at) :]


def _refuse(steps: Sequence[Step], at: int, reason: str) -> None:
    step = steps[at]
    raise StepChainInvalid(
        f"Step {at + 1}, “{step.title}”, {reason}. Nothing was saved or sent; remove a step or change their order.",
        step=step.name,
        number=at + 1,
    )


@dataclass(frozen=True, slots=True)
class Possible:
    """Media types that documents may have at one place of a chain.

    `made` by steps before it, and every type of the world that no type of `gone` covers.
    """

    made: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    def taken(self, step: type[Step] | Step) -> frozenset[str]:
        """The types, or families of types, that the step may receive here."""
        met = {common for one in self.made for asked in step.consumes if (common := _common(one, asked))}
        untouched = {asked for asked in step.consumes if not any(_covers(gone, asked) for gone in self.gone)}
        return frozenset(met | untouched)

    def after(self, step: Step) -> "Possible":
        """What documents may be behind the step."""
        taken = self.taken(step)
        if step.report_only or not taken:
            return self
        joins = step.cardinality == "join"
        made = {step.product(one).media_type for one in ({""} if joins else taken)}
        if "" in made:  # each part says its own
            return Possible()
        passing = {one for one in self.made if not any(_covers(asked, one) for asked in step.consumes)}
        return Possible(made=frozenset(made | passing), gone=self.gone | step.consumes)


def _covers(wide: str, narrow: str) -> bool:
    return wide in {ANY, narrow} or (wide.endswith("/*") and narrow.startswith(wide[:-1]))


def _common(one: str, other: str) -> str:
    """The narrower of two types that overlap, "" for others."""
    if _covers(one, other):
        return other
    return one if _covers(other, one) else ""
