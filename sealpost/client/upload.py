"""Uploads: sealed part by part, several at once, resumed after any interruption (docs/protocol.md, section 10.1)."""

import hashlib
import os
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sealpost.client.errors import FileChanged, FileUnreadable, ServerRefused, ServerUnreachable
from sealpost.client.records import Records
from sealpost.client.session import Session
from sealpost.crypto.encoding import b64u_decode, b64u_encode
from sealpost.crypto.stream import (
    HEADER,
    SEGMENT,
    TAG,
    SegmentCipher,
    header_new,
    segment_count,
    segment_plaintext,
    wire_length,
)
from sealpost.protocol.content import PART, object_key, part_count, part_length

Progress = Callable[[int], None]
_AT_ONCE = 3
_TRIES = 5
_PURPOSE = "upload"
_SERVER_AWAY = {500, 502, 503, 504}


@dataclass(slots=True)
class UploadState:
    """What must be remembered of an upload: never the same header over other bytes."""

    transfer: UUID
    header: bytes
    upload: str = ""
    digests: dict[str, str] = field(default_factory=dict)

    def members(self) -> dict[str, Any]:
        """As kept at rest, sealed under the local key."""
        return {
            "transfer": str(self.transfer),
            "header": b64u_encode(self.header),
            "upload": self.upload,
            "digests": self.digests,
        }

    @classmethod
    def parse(cls, members: dict[str, Any]) -> "UploadState":
        """The inverse of `members`."""
        return cls(
            UUID(members["transfer"]), b64u_decode(members["header"], HEADER), members["upload"], members["digests"]
        )


def _passing(error: ServerUnreachable | ServerRefused) -> bool:
    """Whether the same part may be taken a moment later: the server was away, stopping, or the part was damaged."""
    return error.status in _SERVER_AWAY or error.code == "upload_part_refused"


class FileUpload:
    """One file on its way. `progress` hears of plaintext bytes stored, from several threads."""

    def __init__(self, session: Session, path: Path, *, media_type: str, records: Records, progress: Progress) -> None:
        self._session, self._path, self._type = session, path, media_type
        self._records, self._progress = records, progress
        self._lock, self._ended = threading.Lock(), threading.Event()
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise FileUnreadable(f"{path.name or path} cannot be read ({error.strerror}). Nothing was sent.") from error
        self._size = os.fstat(self._file.fileno()).st_size
        self._record = hashlib.sha256(f"{path.resolve()}\0{self._size}".encode()).hexdigest()
        self._state = UploadState(uuid.uuid4(), header_new())

    def run(self) -> str:
        """Upload what is missing and complete it; the upload's id. FileChanged, ServerRefused, ServerUnreachable."""
        with self._file:
            stored = self._resume()
            if stored is None:
                stored = self._begin()
            self._progress(sum(self._part_plaintext(number)[1] for number in stored))
            missing = [number for number in range(part_count(wire_length(self._size))) if number not in stored]
            self._parts(missing)
            self._session.call("POST", f"/api/v1/uploads/{self._state.upload}/complete", {})
        return self._state.upload

    def _parts(self, missing: list[int]) -> None:
        """Store parts, several at once. What fails or is interrupted does not wait for the others."""
        pool = ThreadPoolExecutor(_AT_ONCE)
        try:
            for _ in pool.map(self._part, missing):
                pass
        finally:
            self._ended.set()
            pool.shutdown(wait=False, cancel_futures=True)

    def forget(self) -> None:
        """Drop the record once the message is sent."""
        self._records.delete(_PURPOSE, self._record)

    def _resume(self) -> set[int] | None:
        """Parts that are stored already, or None when the upload must begin anew."""
        members = self._records.load(_PURPOSE, self._record)
        if members is None:
            return None
        state = UploadState.parse(members)
        for number, digest in state.digests.items():
            if self._digest(int(number)) != digest:
                self._abandon(state)
                return None
        try:
            shown = self._session.call("GET", f"/api/v1/uploads/{state.upload}")
        except ServerRefused as error:
            if error.status in _SERVER_AWAY:
                raise
            return None
        if shown["kid"] != b64u_encode(self._session.kid):
            return None
        self._state = state
        return set(shown["stored"])

    def _abandon(self, state: UploadState) -> None:
        self._records.delete(_PURPOSE, self._record)
        try:
            self._session.call("DELETE", f"/api/v1/uploads/{state.upload}")
        except ServerRefused:
            return

    def _begin(self) -> set[int]:
        transfer = self._state.transfer
        members = {
            "transfer": str(transfer),
            "kid": b64u_encode(self._session.kid),
            "name": self._path.name,
            "type": self._type,
            "size": self._size,
            "header": b64u_encode(self._state.header),
            "commitment": b64u_encode(self._key(transfer).commitment),
        }
        self._state.upload = self._session.call("POST", "/api/v1/uploads", members)["id"]
        self._remember()
        return set()

    def _key(self, transfer: UUID) -> Any:
        session = self._session
        return object_key(session.shared_key, direction="up", transfer=transfer, kid=session.kid, document=transfer)

    def _remember(self) -> None:
        self._records.save(_PURPOSE, self._record, self._state.members())

    def _segments(self, number: int) -> range:
        first = number * (PART // SEGMENT)
        return range(first, min(first + PART // SEGMENT, segment_count(self._size)))

    def _part_plaintext(self, number: int) -> tuple[int, int]:
        """(offset, length) of a part's plaintext."""
        indexes = self._segments(number)
        start = segment_plaintext(indexes[0], self._size)[0]
        last, length = segment_plaintext(indexes[-1], self._size)
        return start, last + length - start

    def _read(self, number: int) -> bytes:
        offset, length = self._part_plaintext(number)
        plaintext = os.pread(self._file.fileno(), length, offset)
        if len(plaintext) != length:
            raise FileChanged
        return plaintext

    def _digest(self, number: int) -> str:
        try:
            return hashlib.sha256(self._read(number)).hexdigest()
        except FileChanged:
            return ""

    def _part(self, number: int) -> None:
        plaintext = self._read(number)
        digest = hashlib.sha256(plaintext).hexdigest()
        with self._lock:
            if self._state.digests.setdefault(str(number), digest) != digest:
                raise FileChanged
            self._remember()
        part = self._seal(number, memoryview(plaintext))
        path = f"/api/v1/uploads/{self._state.upload}/parts/{number}"
        for attempt in range(_TRIES):
            try:
                self._session.part_put(path, part)
                break
            except (ServerUnreachable, ServerRefused) as error:
                if attempt == _TRIES - 1 or self._ended.is_set() or not _passing(error):
                    raise
                self._ended.wait(0.5 * 2**attempt)
        self._progress(len(plaintext))

    def _seal(self, number: int, plaintext: memoryview) -> bytearray:
        key = self._key(self._state.transfer)
        cipher, last = SegmentCipher(key.key, self._state.header, key.aad), segment_count(self._size) - 1
        part = bytearray(part_length(number, wire_length(self._size)))
        start, view = self._part_plaintext(number)[0], memoryview(part)
        for position, index in enumerate(self._segments(number)):
            offset, length = segment_plaintext(index, self._size)
            at = position * SEGMENT + (HEADER if index == 0 else 0)
            cipher.seal_into(
                index, index == last, plaintext[offset - start : offset - start + length], view[at : at + length + TAG]
            )
        if number == 0:
            part[:HEADER] = self._state.header
        return part
