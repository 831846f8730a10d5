"""The one content format: Tink's streaming AEAD AES256_GCM_HKDF_1MB (docs/protocol.md, section 5)."""

import os
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealpost.crypto.hkdf import hkdf, u32be
from sealpost.errors import DecryptionError

SEGMENT = 1 << 20
TAG = 16
HEADER = 40
_SALT = 32
_FIRST = SEGMENT - HEADER - TAG
_NEXT = SEGMENT - TAG

Buffer = bytes | bytearray | memoryview


def segment_count(size: int) -> int:
    """Number of segments of a plaintext of `size` bytes; at least one."""
    return 1 if size <= _FIRST else 1 + -(-(size - _FIRST) // _NEXT)


def wire_length(size: int) -> int:
    """Bytes on the wire of a plaintext of `size` bytes."""
    return HEADER + size + TAG * segment_count(size)


def segment_plaintext(index: int, size: int) -> tuple[int, int]:
    """(offset, length) in the plaintext of segment `index` of a plaintext of `size` bytes."""
    offset = 0 if index == 0 else _FIRST + (index - 1) * _NEXT
    room = _FIRST if index == 0 else _NEXT
    return offset, min(room, size - offset)


def segment_wire(index: int, size: int) -> tuple[int, int]:
    """(offset, length) on the wire of segment `index`, the header left out."""
    offset = HEADER if index == 0 else index * SEGMENT
    return offset, segment_plaintext(index, size)[1] + TAG


def header_new() -> bytes:
    """A fresh 40-byte header: 0x28, 32 bytes of salt, 7 of nonce prefix."""
    return bytes([HEADER]) + os.urandom(HEADER - 1)


class SegmentCipher:
    """Seals and opens single segments of one stream, in any order.

    `key` is 32 bytes of input key material, `header` the stream's 40 bytes, `aad` its associated data (the HKDF info).
    Raises DecryptionError for a malformed header.
    """

    def __init__(self, key: bytes, header: Buffer, aad: bytes) -> None:
        header = bytes(header)
        if len(header) != HEADER or header[0] != HEADER:
            raise DecryptionError
        self.header = header
        self._prefix = header[1 + _SALT :]
        self._cipher = AESGCM(hkdf(key, salt=header[1 : 1 + _SALT], info=aad))

    def _nonce(self, index: int, last: bool) -> bytes:
        return self._prefix + u32be(index) + (b"\1" if last else b"\0")

    def seal_into(self, index: int, last: bool, plaintext: Buffer, out: bytearray | memoryview) -> None:
        """Write ciphertext ‖ tag into `out`, len(plaintext) + 16 long; `out` may start at `plaintext`."""
        self._cipher.encrypt_into(self._nonce(index, last), plaintext, None, out)

    def open_into(self, index: int, last: bool, ciphertext: Buffer, out: bytearray | memoryview) -> None:
        """Write the plaintext into `out`, len(ciphertext) − 16 long; may start at `ciphertext`. DecryptionError."""
        if len(ciphertext) < TAG:
            raise DecryptionError
        try:
            self._cipher.decrypt_into(self._nonce(index, last), ciphertext, None, out)
        except InvalidTag:
            raise DecryptionError from None

    def seal(self, index: int, last: bool, plaintext: Buffer) -> bytes:
        """Ciphertext ‖ tag of one segment."""
        return self._cipher.encrypt(self._nonce(index, last), plaintext, None)

    def open(self, index: int, last: bool, ciphertext: Buffer) -> bytes:
        """The plaintext of one segment; DecryptionError."""
        try:
            return self._cipher.decrypt(self._nonce(index, last), ciphertext, None)
        except InvalidTag:
            raise DecryptionError from None


def _blocks(chunks: Iterable[Buffer], *rooms: int) -> Iterator[tuple[bytes, bool]]:
    """Cut chunks into blocks of rooms[0], rooms[1] … bytes, the last room for all that follow.

    The flag marks the last block, which may be shorter; no empty block stands behind a full one.
    """
    held = bytearray()
    block = 0
    for chunk in chunks:
        held += chunk
        while len(held) > (room := rooms[min(block, len(rooms) - 1)]):
            yield bytes(held[:room]), False
            del held[:room]
            block += 1
    yield bytes(held), True


def seal_stream(key: bytes, chunks: Iterable[Buffer], *, aad: bytes, header: bytes | None = None) -> Iterator[bytes]:
    """The stream of a plaintext given in chunks of any size: the header, then one item a segment."""
    cipher = SegmentCipher(key, header or header_new(), aad)
    yield cipher.header
    for index, (block, last) in enumerate(_blocks(chunks, _FIRST, _NEXT)):
        yield cipher.seal(index, last, block)


def open_stream(key: bytes, chunks: Iterable[Buffer], *, aad: bytes) -> Iterator[bytes]:
    """The plaintext, a segment an item; DecryptionError at the first segment that fails or when the last is missing.

    What was yielded before an error must be discarded: only a complete iteration has authenticated the whole.
    """
    blocks = _blocks(chunks, HEADER, SEGMENT - HEADER, SEGMENT)
    header, ended = next(blocks)
    cipher = SegmentCipher(key, header, aad)
    if ended:
        raise DecryptionError
    for index, (block, last) in enumerate(blocks):
        yield cipher.open(index, last, block)


def seal(key: bytes, plaintext: Buffer, *, aad: bytes) -> bytes:
    """The whole stream of a small plaintext."""
    return b"".join(seal_stream(key, [plaintext], aad=aad))


def open(key: bytes, sealed: Buffer, *, aad: bytes) -> bytes:
    """The plaintext of a whole stream; DecryptionError."""
    return b"".join(open_stream(key, [sealed], aad=aad))
