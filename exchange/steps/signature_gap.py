"""A prepared PDF gets its signature: outside the sandbox, as bytes at a place, with nothing parsed.

What is hashed here is what is passed on here. A program that says something else than it writes is found out: the gap
must be where it says, of our size and empty, and what surrounds it must say that the signature covers all the rest.
"""

import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator

from exchange.sandbox import SandboxError
from vault.cms import CMS_MOST

HEADER = struct.Struct(">QQ")  # before the document: where its gap begins and ends
GAP = 2 + 2 * CMS_MOST  # hexadecimal digits in angle brackets
_EMPTY = b"<" + b"0" * (GAP - 2) + b">"
_BEFORE = b" obj\n<<\n/Contents "
_BEHIND_MOST = 4 << 20  # the end of an update: the rest of the signature's dictionary, and where objects are


def signature_filled(untrusted_blocks: Iterable[bytes], sign: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """The document with `sign(SHA-256 of all but the gap)` in its gap. SandboxError where it is not as it must be."""
    document = _Reader(untrusted_blocks)
    start, end = HEADER.unpack(document.exactly(HEADER.size))
    if end - start != GAP or start < len(_BEFORE):
        raise SandboxError("step_crashed")
    digest, tail = hashlib.sha256(), b""
    for block in document.pieces(start):
        digest.update(block)
        tail = (tail + block)[-len(_BEFORE) :]
        yield block
    gap, behind = document.exactly(GAP), document.rest(_BEHIND_MOST)
    covers = b"\n/ByteRange [0 %d %d %d] " % (start, end, len(behind))
    if tail != _BEFORE or gap != _EMPTY or not behind.startswith(covers):
        raise SandboxError("step_crashed")
    digest.update(behind)
    signature = sign(digest.digest())
    if len(signature) > CMS_MOST:
        raise ValueError("the signature is larger than its gap")
    yield b"<" + signature.hex().encode().ljust(GAP - 2, b"0") + b">"
    yield behind


class _Reader:
    """Blocks of any size, read by length. SandboxError where they end too early or too late."""

    def __init__(self, untrusted_blocks: Iterable[bytes]) -> None:
        self._blocks = iter(untrusted_blocks)
        self._held = b""

    def pieces(self, size: int) -> Iterator[bytes]:
        """`size` bytes as they come."""
        while size:
            self._held = self._held or next(self._blocks, b"")
            if not self._held:
                raise SandboxError("step_crashed")
            piece, self._held = self._held[:size], self._held[size:]
            size -= len(piece)
            yield piece

    def exactly(self, size: int) -> bytes:
        """`size` bytes."""
        return b"".join(self.pieces(size))

    def rest(self, most: int) -> bytes:
        """All that is left, which must be at most so many bytes."""
        left = bytearray(self._held)
        for block in self._blocks:
            left += block
            if len(left) > most:
                break
        if len(left) > most:
            raise SandboxError("step_crashed")
        return bytes(left)
