"""What a download writes into: the document in clear or a `.sealed` file; whole segments survive an interruption."""

import hashlib
import os
from typing import Any, Protocol

from sealpost.client.container import ENDING, Container, ContainerCipher, ContainerHead
from sealpost.client.errors import ContainerUnreadable
from sealpost.crypto.stream import SegmentCipher, segment_count, segment_plaintext, segment_wire, wire_length
from sealpost.errors import DecryptionError

_BLOCK = 1 << 20


class SavedFile(Protocol):
    """Segments of a document of known size, appended one by one."""

    ending: str

    def whole(self) -> int:
        """How many segments are whole in the file."""
        ...

    def cut(self, index: int) -> None:
        """Drop everything from this segment on."""
        ...

    def append(self, index: int, last: bool, plaintext: bytes) -> None:
        """Write one segment."""
        ...

    def digest(self) -> str:
        """SHA-256 of the document as it lies in the file. DecryptionError."""
        ...


class PlainFile:
    """The document in clear."""

    ending = ""

    def __init__(self, file: Any, size: int) -> None:
        self._file, self._size = file, size

    def whole(self) -> int:
        have, count = self._file.seek(0, os.SEEK_END), segment_count(self._size)
        return next((i for i in range(count) if sum(segment_plaintext(i, self._size)) > have), count)

    def cut(self, index: int) -> None:
        count = segment_count(self._size)
        self._file.truncate(segment_plaintext(index, self._size)[0] if index < count else self._size)
        self._file.seek(0, os.SEEK_END)

    def append(self, index: int, last: bool, plaintext: bytes) -> None:
        self._file.write(plaintext)

    def digest(self) -> str:
        self._file.flush()
        self._file.seek(0)
        digest = hashlib.sha256()
        while block := self._file.read(_BLOCK):
            digest.update(block)
        return digest.hexdigest()


class SealedFile:
    """The document sealed; what was begun under the same key goes on under its own head and header."""

    ending = ENDING

    def __init__(
        self, file: Any, size: int, *, shared_key: bytes, head: ContainerHead, description: dict[str, Any]
    ) -> None:
        self._file, self._size = file, size
        given = (shared_key, head, description)
        self._cipher, self._start = self._resumed(*given) or self._begun(*given)

    def _resumed(
        self, shared_key: bytes, head: ContainerHead, description: dict[str, Any]
    ) -> tuple[SegmentCipher, int] | None:
        self._file.seek(0)
        try:
            begun = Container(self._file)
            if begun.head.kid == head.kid and begun.description(shared_key) == description:
                return begun.cipher(shared_key), begun.start
        except (ContainerUnreadable, DecryptionError):
            return None
        return None

    def _begun(self, shared_key: bytes, head: ContainerHead, description: dict[str, Any]) -> tuple[SegmentCipher, int]:
        begin = ContainerCipher(shared_key, head, description).begin
        self._file.truncate(0)
        self._file.seek(0)
        self._file.write(begin)
        self._file.seek(0)
        begun = Container(self._file)
        return begun.cipher(shared_key), begun.start

    def whole(self) -> int:
        have, count = self._file.seek(0, os.SEEK_END) - self._start, segment_count(self._size)
        return next((i for i in range(count) if sum(segment_wire(i, self._size)) > have), count)

    def cut(self, index: int) -> None:
        end = segment_wire(index, self._size)[0] if index < segment_count(self._size) else wire_length(self._size)
        self._file.truncate(self._start + end)
        self._file.seek(0, os.SEEK_END)

    def append(self, index: int, last: bool, plaintext: bytes) -> None:
        self._file.write(self._cipher.seal(index, last, plaintext))

    def digest(self) -> str:
        self._file.flush()
        digest, count = hashlib.sha256(), segment_count(self._size)
        for index in range(count):
            offset, length = segment_wire(index, self._size)
            self._file.seek(self._start + offset)
            digest.update(self._cipher.open(index, index == count - 1, self._file.read(length)))
        return digest.hexdigest()
