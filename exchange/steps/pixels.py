"""What may cross between the two programs of document.sanitize: a number of pages, their sizes, and pixels."""

import struct
from collections.abc import Generator, Iterable, Iterator

from exchange.sandbox import SandboxError

PAGES_MOST = 2000
PIXELS_MOST = 100_000_000
SIDE_MOST = 30_000
_NUMBER, _SIZE = struct.Struct(">I"), struct.Struct(">II")
_RGB = 3


def pixels_checked(untrusted_blocks: Iterable[bytes]) -> Generator[bytes]:
    """The same bytes, of which no more than a block is held: `pages`, then for each `width`, `height` and its RGB.

    SandboxError `too_many_pages`, `picture_too_large`, or `step_crashed` where it is no such stream.
    """
    stream = _Stream(untrusted_blocks)
    (pages,) = _NUMBER.unpack(number := stream.take(_NUMBER.size))
    if pages > PAGES_MOST:
        raise SandboxError("too_many_pages")
    if not pages:
        raise SandboxError("step_crashed")
    yield number
    for _ in range(pages):
        width, height = _SIZE.unpack(size := stream.take(_SIZE.size))
        if not width or not height:
            raise SandboxError("step_crashed")
        if max(width, height) > SIDE_MOST or width * height > PIXELS_MOST:
            raise SandboxError("picture_too_large")
        yield size
        yield from stream.passed(width * height * _RGB)
    stream.end()


class _Stream:
    """So many bytes at a time out of blocks of any size."""

    def __init__(self, untrusted_blocks: Iterable[bytes]) -> None:
        self._blocks = iter(untrusted_blocks)
        self._held = memoryview(b"")

    def passed(self, size: int) -> Iterator[bytes]:
        while size:
            if not self._held:
                self._held = memoryview(next(self._blocks, b""))
                if not self._held:
                    raise SandboxError("step_crashed")
            block, self._held = self._held[:size], self._held[size:]
            size -= len(block)
            yield bytes(block)

    def take(self, size: int) -> bytes:
        return b"".join(self.passed(size))

    def end(self) -> None:
        """Read the rest, of which there may be none: the first program's own end is judged by it."""
        if self._held or any(self._blocks):
            raise SandboxError("step_crashed")
