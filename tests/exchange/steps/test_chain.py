"""Which steps can follow each other: every pair of those that exist, against documents of every type one by one."""

from typing import Any

import pytest

from exchange.sandbox import Limits
from exchange.steps.base import ANY, PDF, Product, Step, StepChainInvalid
from exchange.steps.chain import STEPS_MOST, chain_check
from exchange.steps.registry import MODULES, registered, step_parse

PNG, TEXT, ZIP = "image/png", "text/plain", "application/zip"
OTHERS = {PDF, PNG, "image/tiff", "audio/mpeg", "application/octet-stream", TEXT, ZIP}


def made(name: str, consumes: set[str], makes: str | None = None, **definition: Any) -> Step:
    """A step of this definition that is registered nowhere."""

    class Made(Step):
        def product(self, media_type: str) -> Product:
            return Product(media_type if makes is None else makes)

    Made.name, Made.title, Made.consumes = name, name.title(), frozenset(consumes)
    Made.before = definition.get("before", ())
    Made.cardinality, Made.report_only = definition.get("cardinality", "each"), definition.get("report_only", False)
    Made.limits = Limits()
    return Made()


def samples() -> list[Step]:
    """Every step with its sample parameters, and those whose parameters choose what comes out once for each choice."""
    own = [
        model for model in registered().values() if model.__module__.startswith(MODULES[0].__name__.rpartition(".")[0])
    ]
    steps = [step_parse(model.name, model.sample_parameters) for model in own]
    return steps + [step_parse("table.convert", {"to": to}) for to in ("csv", "jsonl")]


def universe(steps: list[Step]) -> set[str]:
    """Types one by one: all that anybody names, and some that nobody does."""
    named = {kind for step in steps for kind in step.consumes if "*" not in kind}
    return OTHERS | named | {step.product(kind).media_type for step in steps for kind in named | {""}} - {""}


def reaches(steps: list[Step], kinds: set[str]) -> bool:
    """Whether each step of a chain receives a document, if there is one of every type."""
    present = set(kinds)
    for step in steps:
        taken = {kind for kind in present if step.takes(kind)}
        if not taken:
            return False
        if step.report_only:
            continue
        results = {step.product("" if step.cardinality == "join" else kind).media_type for kind in taken}
        present = present - taken | (set(kinds) if "" in results else results)
    return True


def checked(*steps: Step) -> list[Step]:
    return [steps[at] for at in chain_check(steps)]


STEPS = samples()


@pytest.mark.parametrize("first", STEPS, ids=lambda step: step.name)
def test_every_pair_of_steps_that_exist(first):
    kinds = universe(STEPS)
    for second in STEPS:
        try:
            ordered = checked(first, second)
        except StepChainInvalid as refused:
            assert refused.members["step"] in {first.name, second.name}
            exclude = second.name in first.before and first.name in second.before
            turned = (
                [second, first] if second.name not in first.before and first.name in second.before else [first, second]
            )
            assert exclude or not reaches(turned, kinds)
        else:
            assert reaches(ordered, kinds)
            assert ordered[0].name not in ordered[1].before


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_step_stands_alone(step):
    assert checked(step) == [step]


def refused(*steps: Step) -> tuple[int, str]:
    with pytest.raises(StepChainInvalid) as found:
        chain_check(steps)
    assert found.value.sentence.startswith(f"Step {found.value.members['number']}, “")
    return found.value.members["number"], found.value.sentence


STAMP = made("stamp", {PDF}, before=("sign", "protect"))
SIGN = made("sign", {PDF})
PROTECT = made("protect", {PDF}, before=("protect", "sign"))
TO_PDF = made("to_pdf", {TEXT, "image/*"}, PDF)
PICTURE = made("picture", {PNG}, PNG)
READ = made("read", {TEXT}, report_only=True)
SOUND = made("sound", {"audio/mpeg"}, "audio/ogg")
LOOK = made("look", {ANY}, "", report_only=True)
PACK = made("pack", {ANY}, ZIP, cardinality="join")
MERGE = made("merge", {PDF}, PDF, cardinality="join")
UNPACK = made("unpack", {ZIP}, "", cardinality="split")
PAGES = made("pages", {PDF}, PNG, cardinality="split")


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (STAMP, SIGN, SIGN),
        (TO_PDF, STAMP, MERGE, SIGN, PACK),
        (READ, TO_PDF),
        (MERGE, READ),  # what a join does not take passes by
        (PACK, UNPACK, STAMP),
        (PAGES, PICTURE),
        (PAGES, TO_PDF, STAMP),
        (PICTURE, PICTURE, TO_PDF),
        (TO_PDF, PAGES, SOUND, PICTURE),  # what a step makes passes by the next one
        (STAMP,) * STEPS_MOST,
    ],
)
def test_chains_that_work(steps):
    assert checked(*steps) == list(steps)


@pytest.mark.parametrize(
    ("steps", "number"),
    [
        ((TO_PDF, READ), 2),
        ((TO_PDF, PICTURE), 2),  # a family takes each of its types
        ((PACK, STAMP), 2),
        ((TO_PDF, LOOK, READ), 3),  # a report makes nothing
        ((PACK, UNPACK, PACK, READ), 4),
        ((PAGES, STAMP), 2),
        ((SIGN, PAGES, MERGE), 3),
    ],
)
def test_a_step_that_never_receives_anything_is_named(steps, number):
    found, sentence = refused(*steps)
    assert found == number
    assert f"“{steps[number - 1].title}”, never receives a document" in sentence


def test_an_order_that_can_be_mended_is_mended():
    assert checked(SIGN, PROTECT, STAMP) == [STAMP, PROTECT, SIGN]
    assert checked(SIGN, TO_PDF, STAMP) == [TO_PDF, STAMP, SIGN]


def test_what_no_order_mends_names_both():
    assert refused(PROTECT, STAMP, PROTECT)[1].count("cannot be done asked for twice") == 1
    one, other = made("one", {PDF}, before=("other",)), made("other", {PDF}, before=("one",))
    after = made("after", {PDF})
    one_before_after = made("one", {PDF}, before=("other", "after"))
    number, sentence = refused(after, one_before_after, other)
    assert (number, "“One”" in sentence, "After" in sentence) == (3, True, False)
    assert refused(other, one)[0] == 2
    ring = [made(name, {PDF}, before=(following,)) for name, following in ("ab", "bc", "ca")]
    assert refused(*ring)[0] == 3


def test_more_steps_than_a_chain_has():
    number, sentence = refused(*[STAMP] * (STEPS_MOST + 1))
    assert (number, "10 steps at most" in sentence) == (11, True)
