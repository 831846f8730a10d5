"""Downloads: opened segment by segment, resumed at a segment, whole or not at all (docs/protocol.md, section 10.2)."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from sealpost.client.errors import FileUnwritable, ServerUnreachable
from sealpost.client.session import Session
from sealpost.crypto.encoding import b64u_decode
from sealpost.crypto.stream import HEADER, SEGMENT, SegmentCipher, segment_count, segment_plaintext, segment_wire
from sealpost.errors import DecryptionError
from sealpost.protocol.content import object_key

Progress = Callable[[int], None]
_TRIES = 5
_BLOCK = 1 << 20


class DocumentDownload:
    """One document into a folder. What is not verified yet lies in `NAME.part` with mode 0600."""

    def __init__(self, session: Session, document: dict[str, Any], folder: Path, *, progress: Progress) -> None:
        self._session, self._folder, self._progress = session, folder, progress
        self._document = document
        self._opened_last = False
        members = session.call("POST", f"/api/v1/documents/{document['id']}/transfers", {"purpose": "save"})
        self._transfer, self._size, self._sha256 = UUID(members["transfer"]), int(members["size"]), members["sha256"]
        key = object_key(
            session.shared_key,
            direction="down",
            transfer=self._transfer,
            kid=b64u_decode(members["kid"], 16),
            document=UUID(document["id"]),
        )
        key.check(b64u_decode(members["commitment"], 32))
        self._header = b64u_decode(members["header"], HEADER)
        self._cipher = SegmentCipher(key.key, self._header, key.aad)

    def run(self) -> Path:
        """The saved file's path. DecryptionError, ServerRefused, ServerUnreachable, FileUnwritable."""
        name = safe_name(str(self._document["name"]))
        part = self._folder / f"{name}.{str(self._transfer)[:8]}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
                self._fill(file)
                self._verify(file)
            path = _free_path(self._folder, name)
            part.rename(path)
        except OSError as error:
            raise FileUnwritable(
                f"{name} cannot be written ({error.strerror}). What was already saved is kept; make room or choose "
                "another folder."
            ) from error
        self._session.call("POST", f"/api/v1/transfers/{self._transfer}/received", {"sha256": self._sha256})
        return path

    def _fill(self, file: Any) -> None:
        """Append what is missing, from the last whole segment on; a cut connection is taken up again."""
        tries, reached = 0, -1
        while (index := self._next_segment(file)) < segment_count(self._size):
            tries = tries + 1 if index == reached else 1
            reached = index
            try:
                self._session.content(
                    f"/api/v1/transfers/{self._transfer}/content",
                    start=0 if index == 0 else index * SEGMENT,
                    read=lambda answer, index=index: self._append(file, answer, index),  # type: ignore[misc]
                )
            except ServerUnreachable:
                if tries >= _TRIES:
                    raise

    def _next_segment(self, file: Any) -> int:
        """Index of the first segment that is not whole in the file, which is cut to it."""
        have, count = file.seek(0, os.SEEK_END), segment_count(self._size)
        index = next((i for i in range(count) if sum(segment_plaintext(i, self._size)) > have), count)
        if not self._opened_last and index == count:
            index = count - 1
        file.truncate(segment_plaintext(index, self._size)[0] if index < count else self._size)
        file.seek(0, os.SEEK_END)
        return index

    def _append(self, file: Any, answer: httpx.Response, index: int) -> None:
        last = segment_count(self._size) - 1
        self._progress(segment_plaintext(index, self._size)[0])
        for sealed in _sealed_segments(answer, self._header, index, self._size):
            plaintext = self._cipher.open(index, index == last, sealed)
            file.write(plaintext)
            index += 1
            self._opened_last = index > last
            self._progress(sum(segment_plaintext(index - 1, self._size)))

    def _verify(self, file: Any) -> None:
        file.flush()
        file.seek(0)
        digest = hashlib.sha256()
        while block := file.read(_BLOCK):
            digest.update(block)
        if digest.hexdigest() != self._sha256:
            file.truncate(0)
            raise DecryptionError
        os.fsync(file.fileno())


def _sealed_segments(answer: httpx.Response, header: bytes, index: int, size: int) -> Iterator[bytes]:
    """Whole ciphertext segments from `index` on; DecryptionError when the stream's header is another."""
    held, skip, count = bytearray(), HEADER if index == 0 else 0, segment_count(size)
    for block in answer.iter_raw(_BLOCK):
        held += block
        if skip and len(held) >= skip:
            if bytes(held[:skip]) != header:
                raise DecryptionError
            del held[:skip]
            skip = 0
        while not skip and index < count and len(held) >= (length := segment_wire(index, size)[1]):
            yield bytes(held[:length])
            del held[:length]
            index += 1
    if held:
        raise ServerUnreachable


def safe_name(name: str) -> str:
    """A file's name that stays in its folder, whatever the sender called it."""
    name = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in name if sign.isprintable()).strip().lstrip(".")
    return name[:200] or "document"


def _free_path(folder: Path, name: str) -> Path:
    """`name`, or `name (2)` and so on: nothing is overwritten."""
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{Path(name).stem} ({number}){Path(name).suffix}"
    return path
