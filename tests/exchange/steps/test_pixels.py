"""What crosses between the two programs of document.sanitize, and all else that the first could write instead."""

import struct
from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.sandbox import SandboxError
from exchange.steps.pixels import PAGES_MOST, PIXELS_MOST, SIDE_MOST, pixels_checked
from exchange.steps.stages import StagedExecution

pytestmark = pytest.mark.engine


def stream(*sizes: tuple[int, int], count: int | None = None) -> bytes:
    pages = b"".join(struct.pack(">II", *size) + bytes(range(3)) * (size[0] * size[1]) for size in sizes)
    return struct.pack(">I", len(sizes) if count is None else count) + pages


def head(width: int, height: int, pages: int = 1) -> bytes:
    return struct.pack(">III", pages, width, height)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=5), st.integers(1, 60))
def test_pages_cross_unchanged_whatever_the_blocks(sizes, block):
    given = stream(*sizes)
    assert b"".join(pixels_checked(given[at : at + block] for at in range(0, len(given), block))) == given


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (b"", "step_crashed"),
        (b"\0\0\0", "step_crashed"),
        (stream(), "step_crashed"),
        (stream((2, 2))[:-1], "step_crashed"),
        (stream((2, 2)) + b"\0", "step_crashed"),
        (stream((2, 2), count=2), "step_crashed"),
        (head(0, 5), "step_crashed"),
        (head(5, 0), "step_crashed"),
        (head(1, 1, PAGES_MOST + 1), "too_many_pages"),
        (head(SIDE_MOST + 1, 1), "picture_too_large"),
        (head(1, SIDE_MOST + 1), "picture_too_large"),
        (head(10_001, PIXELS_MOST // 10_000), "picture_too_large"),
        (head(0xFFFFFFFF, 0xFFFFFFFF), "picture_too_large"),
        (b"\xff" * 100, "too_many_pages"),
        (b"%PDF-1.7\n%" + b"x" * 100, "too_many_pages"),
    ],
)
def test_what_is_no_such_stream_has_a_code(given, code):
    with pytest.raises(SandboxError) as refused:
        list(pixels_checked([given]))
    assert refused.value.code == code


def test_no_page_is_held():
    read = []

    def blocks():
        yield head(10_000, 10_000)
        for number, block in enumerate(repeat(bytes(1000), 300_000)):
            read.append(number)
            yield block
            read.clear()

    crossed = pixels_checked(blocks())
    size = 0
    for block in crossed:
        size += len(block)
        assert len(read) <= 1
    assert size == 12 + 300_000_000


class _Run:
    """What a sandbox would have run."""

    def __init__(self, blocks, ends=None) -> None:
        self._blocks, self._ends, self.report = blocks, ends, {}

    def __iter__(self):
        yield from self._blocks
        if self._ends:
            raise SandboxError(self._ends)


def staged(first: _Run, take: int | None) -> list[bytes]:
    """Two runs, the second of which reads so many blocks of the first (None: all), and answers."""
    relayed = pixels_checked(first)

    def second():
        for number, _ in enumerate(relayed, 1):
            if number == take:
                break
        yield b"answer"

    return list(StagedExecution(first, relayed, _Run(second())))


def test_the_second_programs_result_counts_only_where_the_first_ended_well():
    blocks = [stream((2, 2))]
    assert staged(_Run(blocks), None) == [b"answer"]
    for take in (None, 3):  # three blocks are all that the second one needs
        with pytest.raises(SandboxError, match="corrupt"):
            staged(_Run(blocks, "corrupt"), take)
    with pytest.raises(SandboxError, match="step_crashed"):
        staged(_Run(blocks), 2)
