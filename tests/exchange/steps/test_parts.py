"""Several documents through one descriptor, and everything else that a program could write there instead."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.sandbox import SandboxError
from exchange.steps import parts
from exchange.steps.parts import Part, parts_joined, parts_split

pytestmark = pytest.mark.engine


def read(blocks) -> list[tuple[str, str, bytes]]:
    return [(part.name, part.media_type, b"".join(part.chunks)) for part in parts_split(blocks)]


@given(
    st.lists(st.tuples(st.text(max_size=40), st.sampled_from(["", "text/plain"]), st.binary(max_size=400)), max_size=5),
    st.integers(1, 50),
)
def test_what_was_joined_is_split_again_whatever_the_blocks(documents, size):
    stream = b"".join(parts_joined(Part(name, kind, [content]) for name, kind, content in documents))
    assert read(stream[at : at + size] for at in range(0, len(stream), size)) == documents


def test_a_document_larger_than_a_frame_is_many_frames():
    content = bytes(range(256)) * (3 << 12)
    (found,) = read(parts_joined([Part("large", "", [content])]))
    assert found[2] == content


def framed(*frames: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(frame)) + frame for frame in frames)


HEADER = json.dumps({"name": "a", "type": ""}).encode()


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"\0\0",
        framed(HEADER),
        framed(HEADER, b"content"),
        framed(HEADER, b"content", b""),
        framed(HEADER, b"", b"") + b"more",
        framed(b"[]", b"", b""),
        framed(b"{}", b"", b""),
        framed(b"[" * 4000, b"", b""),
        framed(b"\xff", b"", b""),
        framed(b" " * 5000, b"", b""),
        struct.pack(">I", 1 << 31) + b"x",
        framed(HEADER) + struct.pack(">I", (1 << 20) + 1) + bytes((1 << 20) + 1),
    ],
)
def test_what_is_no_such_stream_is_refused(stream):
    with pytest.raises(SandboxError) as refused:
        read([stream])
    assert refused.value.code == "step_crashed"


def test_parts_without_end_are_refused(monkeypatch):
    monkeypatch.setattr(parts, "PARTS_MOST", 3)
    stream = framed(*[HEADER, b""] * 4, b"")
    with pytest.raises(SandboxError) as refused:
        read([stream])
    assert refused.value.code == "archive_entries"
