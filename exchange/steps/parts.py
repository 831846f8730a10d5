"""Several documents through the one descriptor of a sandboxed program; `exchange/steps/programs/parts.py` is its peer.

Each part: four bytes of length and a JSON header `{"name", "type"}`, then blocks of four bytes of length and content,
and an empty block; an empty header ends it all.
"""

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from exchange.sandbox import SandboxError

PARTS_MOST = 10_000
_FRAME_MOST = 1 << 20
_HEADER_MOST = 4096
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Part:
    """A document on its way: its name, media type ("" where nobody says) and its bytes, to be read once."""

    name: str
    media_type: str
    chunks: Iterable[Any]


def parts_joined(parts: Iterable[Part]) -> Iterator[bytes]:
    """The stream that a program of cardinality "join" reads."""
    for part in parts:
        header = json.dumps({"name": part.name, "type": part.media_type}).encode()
        yield _LENGTH.pack(len(header)) + header
        for chunk in part.chunks:
            view = memoryview(chunk)
            for at in range(0, len(view), _FRAME_MOST):
                block = view[at : at + _FRAME_MOST]
                yield _LENGTH.pack(len(block))
                yield bytes(block)
        yield _LENGTH.pack(0)
    yield _LENGTH.pack(0)


def parts_split(untrusted_blocks: Iterable[bytes]) -> Iterator[Part]:
    """The documents of a program of cardinality "split"; each must be read before the next one is asked for.

    SandboxError `step_crashed` where the stream is not one, `archive_entries` beyond 10,000 parts.
    """
    frames = _Frames(untrusted_blocks)
    count = 0
    while header := frames.next(_HEADER_MOST):
        count += 1
        if count > PARTS_MOST:
            raise SandboxError("archive_entries")
        name, media_type = _header(header)
        yield Part(name, media_type, frames.content())
    frames.end()


def _header(untrusted: bytes) -> tuple[str, str]:
    try:
        said = json.loads(untrusted)
        return str(said["name"])[:255], str(said["type"])[:127]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise SandboxError("step_crashed") from None


class _Frames:
    """Length-prefixed frames out of blocks of any size."""

    def __init__(self, untrusted_blocks: Iterable[bytes]) -> None:
        self._blocks = iter(untrusted_blocks)
        self._held = bytearray()

    def _take(self, size: int) -> bytes:
        while len(self._held) < size:
            block = next(self._blocks, b"")
            if not block:
                raise SandboxError("step_crashed")
            self._held += block
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    def next(self, most: int = _FRAME_MOST) -> bytes:
        (length,) = _LENGTH.unpack(self._take(_LENGTH.size))
        if length > most:
            raise SandboxError("step_crashed")
        return self._take(length)

    def content(self) -> Iterator[bytes]:
        while block := self.next():
            yield block

    def end(self) -> None:
        """Read the rest, of which there may be none: the program's own end is judged by it."""
        if self._held or any(self._blocks):
            raise SandboxError("step_crashed")
