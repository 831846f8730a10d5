"""The signature goes into a gap that is where, and as large and empty, as it must be; else nothing is signed."""

import hashlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.sandbox import SandboxError
from exchange.steps.signature_gap import GAP, signature_filled
from vault.cms import CMS_MOST

pytestmark = pytest.mark.engine

FRONT = b"%PDF-1.7 front\n7 0 obj\n<<\n/Contents "
EMPTY = b"<" + b"0" * (GAP - 2) + b">"


def behind(
    start: int = len(FRONT), end: int = len(FRONT) + GAP, more: bytes = b"\n/Type /Sig\n>>\nendobj\n%%EOF\n"
) -> bytes:
    """The end of a document, whose ByteRange has the length that it has itself."""
    for length in range(len(more), len(more) + 90):
        made = b"\n/ByteRange [0 %d %d %d] " % (start, end, length) + more
        if len(made) == length:
            return made
    raise AssertionError


def stream(
    front: bytes = FRONT, gap: bytes = EMPTY, end: bytes | None = None, header: tuple[int, int] | None = None
) -> bytes:
    first, second = header or (len(front), len(front) + GAP)
    return struct.pack(">QQ", first, second) + front + gap + (behind() if end is None else end)


class Asked:
    """Signs, and keeps what it was asked to."""

    def __init__(self) -> None:
        self.digests: list[bytes] = []

    def __call__(self, sha256: bytes) -> bytes:
        self.digests.append(sha256)
        return b"\xab\xcd"


@given(st.integers(1, 40_000))
def test_what_is_signed_is_what_comes_out_but_for_the_gap_whatever_the_blocks(size):
    asked, given_ = Asked(), stream()
    made = b"".join(signature_filled((given_[at : at + size] for at in range(0, len(given_), size)), asked))
    assert made == FRONT + b"<abcd" + b"0" * (GAP - 6) + b">" + behind()
    without = made[: len(FRONT)] + made[len(FRONT) + GAP :]
    assert asked.digests == [hashlib.sha256(without).digest()]


@pytest.mark.parametrize(
    "untrusted",
    [
        b"",
        b"\0" * 15,
        stream()[:-1],  # its end is not where it says
        stream() + b"x",
        stream()[: len(FRONT) + 100],
        stream(header=(len(FRONT) + 1, len(FRONT) + 1 + GAP)),
        stream(header=(len(FRONT) - 1, len(FRONT) - 1 + GAP)),
        stream(header=(len(FRONT), len(FRONT) + GAP - 2)),
        stream(header=(len(FRONT), len(FRONT) + GAP + 2)),
        stream(header=(len(FRONT) + GAP, len(FRONT))),
        stream(header=(0, GAP)),
        stream(header=((1 << 64) - GAP - 1, (1 << 64) - 1)),
        stream(front=FRONT.replace(b"/Contents", b"/Other---")),
        stream(front=b"(" + FRONT[:-1] + b"%"),
        stream(gap=EMPTY[:-2] + b"1>"),
        stream(gap=b"<" + b"0" * 9 + b"><" + b"0" * (GAP - 13) + b">"),
        stream(end=behind(start=len(FRONT) - 1)),
        stream(end=behind(end=len(FRONT) + GAP + 1)),
        stream(end=b"\n/ByteRange [0 1 2 3] \n>>"),
        stream(end=b" " + behind()),
        stream(end=behind().replace(b"[0 ", b"[1 ")),
        stream(end=behind(more=b"x" * (5 << 20))),
    ],
    ids=range(22),
)
def test_anything_else_is_not_signed(untrusted):
    asked = Asked()
    with pytest.raises(SandboxError) as refused:
        b"".join(signature_filled([untrusted], asked))
    assert refused.value.code == "step_crashed"
    assert asked.digests == []


def test_a_program_that_fails_after_its_output_gets_no_signature():
    def failing():
        yield stream()
        raise SandboxError("step_memory")

    asked = Asked()
    with pytest.raises(SandboxError) as refused:
        b"".join(signature_filled(failing(), asked))
    assert (refused.value.code, asked.digests) == ("step_memory", [])


def test_a_signature_larger_than_its_gap_is_not_cut():
    with pytest.raises(ValueError, match="larger"):
        b"".join(signature_filled([stream()], lambda sha256: bytes(CMS_MOST + 1)))
