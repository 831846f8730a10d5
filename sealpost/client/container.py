"""`.sealed` files: a document at rest under its owner's key, as the `sealpost` command opens it (section 12.1)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from sealpost.client.errors import ContainerUnreadable
from sealpost.crypto import stream
from sealpost.crypto.hkdf import u32be
from sealpost.crypto.kdf import SALT, KdfParameters
from sealpost.crypto.stream import HEADER, SEGMENT, SegmentCipher, header_new, wire_length
from sealpost.protocol.keys import KID, local_aad, local_key

MAGIC, VERSION, ENDING = b"SEALPOST", 1, ".sealed"
RECORD = 16
HEAD = len(MAGIC) + 2 + 3 * 4 + SALT + KID + RECORD
DESCRIPTION_MOST = 1 << 16
_CONTENT, _DESCRIPTION = "saved", "saved-description"


@dataclass(frozen=True, slots=True)
class ContainerHead:
    """What stands in clear: how the key of the password of that time is derived, and the id of this file."""

    parameters: KdfParameters
    salt: bytes
    kid: bytes
    record: bytes

    def encode(self) -> bytes:
        """The 70 bytes."""
        numbers = b"".join(map(u32be, (self.parameters.m, self.parameters.t, self.parameters.p)))
        return MAGIC + bytes([VERSION, self.parameters.suite]) + numbers + self.salt + self.kid + self.record

    @classmethod
    def parse(cls, head: bytes) -> "ContainerHead":
        """The inverse of `encode`. ContainerUnreadable."""
        if len(head) != HEAD or not head.startswith(MAGIC + bytes([VERSION])):
            raise ContainerUnreadable
        at = len(MAGIC) + 2
        m, t, p = (int.from_bytes(head[at + 4 * number : at + 4 * number + 4], "big") for number in range(3))
        salt, kid, record = head[at + 12 : at + 28], head[at + 28 : at + 44], head[at + 44 :]
        return cls(KdfParameters(suite=head[at - 1], m=m, t=t, p=p), salt, kid, record)


class ContainerCipher:
    """Makes a container: `begin`, then the document's segments, which are those of section 5."""

    def __init__(self, shared_key: bytes, head: ContainerHead, description: dict[str, Any]) -> None:
        clear, plaintext = head.encode(), json.dumps(description, ensure_ascii=False, separators=(",", ":")).encode()
        sealed = stream.seal(local_key(shared_key, _DESCRIPTION), plaintext, aad=local_aad(_DESCRIPTION, clear))
        self._content = SegmentCipher(local_key(shared_key, _CONTENT), header_new(), local_aad(_CONTENT, clear))
        self.begin = clear + u32be(len(sealed)) + sealed + self._content.header

    def length(self, size: int) -> int:
        """Bytes of the container of a document of `size` bytes."""
        return len(self.begin) - HEADER + wire_length(size)

    def segment(self, index: int, last: bool, plaintext: bytes) -> bytes:
        """One segment, sealed."""
        return self._content.seal(index, last, plaintext)


class Container:
    """A container that is read. ContainerUnreadable for what is none."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._clear = file.read(HEAD)
        self.head = ContainerHead.parse(self._clear)
        length = int.from_bytes(file.read(4), "big")
        self._sealed = file.read(length) if length <= DESCRIPTION_MOST else b""
        if len(self._sealed) != length:
            raise ContainerUnreadable
        self.start = HEAD + 4 + length

    def description(self, shared_key: bytes) -> dict[str, Any]:
        """`name`, `type`, `size` and `sha256` of the document. DecryptionError."""
        key, aad = local_key(shared_key, _DESCRIPTION), local_aad(_DESCRIPTION, self._clear)
        found: dict[str, Any] = json.loads(stream.open(key, self._sealed, aad=aad))
        return found

    def content(self, shared_key: bytes) -> Iterator[bytes]:
        """The document; authenticated as a whole only once the iteration has ended. DecryptionError."""
        blocks = iter(lambda: self._file.read(SEGMENT), b"")
        aad = local_aad(_CONTENT, self._clear)
        yield from stream.open_stream(local_key(shared_key, _CONTENT), blocks, aad=aad)

    def cipher(self, shared_key: bytes) -> SegmentCipher:
        """The content's cipher, to go on writing where an interruption left off. DecryptionError."""
        self._file.seek(self.start)
        return SegmentCipher(local_key(shared_key, _CONTENT), self._file.read(HEADER), local_aad(_CONTENT, self._clear))
