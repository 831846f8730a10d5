"""Downloads: opened segment by segment, resumed at a segment, whole or not at all (docs/protocol.md, section 10.2)."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from sealpost.client.container import ENDING, RECORD, ContainerHead
from sealpost.client.errors import FileUnwritable, ServerUnreachable
from sealpost.client.saved_file import PlainFile, SavedFile, SealedFile
from sealpost.client.session import Session
from sealpost.crypto.encoding import b64u_decode
from sealpost.crypto.stream import HEADER, SEGMENT, SegmentCipher, segment_count, segment_plaintext, segment_wire
from sealpost.errors import DecryptionError
from sealpost.protocol.content import object_key

Progress = Callable[[int], None]
_TRIES = 5
_BLOCK = 1 << 20


class DocumentDownload:
    """One document into a folder, in clear or, where the organisation's policy wants that, as a `.sealed` file.

    What is not verified yet lies in `NAME.part` with mode 0600, in the same form.
    """

    def __init__(self, session: Session, document: dict[str, Any], folder: Path, *, progress: Progress) -> None:
        self._session, self._folder, self._progress = session, folder, progress
        self._document = document
        self._opened_last = False
        members = session.call("POST", f"/api/v1/documents/{document['id']}/transfers", {"purpose": "save"})
        self._members, self._sealed = members, members.get("save") == "sealed"
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
        name = safe_name(str(self._document["name"])) + (ENDING if self._sealed else "")
        part = self._folder / f"{name}.{str(self._transfer)[:8]}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
                saved = self._saved(file)
                self._fill(saved)
                if saved.digest() != self._sha256:
                    file.truncate(0)
                    raise DecryptionError
                os.fsync(file.fileno())
            path = free_path(self._folder, name)
            part.rename(path)
        except OSError as error:
            raise FileUnwritable(
                f"{name} cannot be written ({error.strerror}). What was already saved is kept; make room or choose "
                "another folder."
            ) from error
        self._session.call("POST", f"/api/v1/transfers/{self._transfer}/received", {"sha256": self._sha256})
        return path

    def _saved(self, file: Any) -> SavedFile:
        session = self._session
        if not self._sealed:
            return PlainFile(file, self._size)
        assert session.parameters is not None
        head = ContainerHead(session.parameters, session.salt, session.kid, os.urandom(RECORD))
        description = {name: self._members[name] for name in ("name", "type", "size", "sha256")}
        return SealedFile(file, self._size, shared_key=session.shared_key, head=head, description=description)

    def _fill(self, saved: SavedFile) -> None:
        """Append what is missing, from the last whole segment on; a cut connection is taken up again."""
        tries, reached = 0, -1
        while (index := self._next_segment(saved)) < segment_count(self._size):
            tries = tries + 1 if index == reached else 1
            reached = index
            try:
                self._session.content(
                    f"/api/v1/transfers/{self._transfer}/content",
                    start=0 if index == 0 else index * SEGMENT,
                    read=lambda answer, index=index: self._append(saved, answer, index),  # type: ignore[misc]
                )
            except ServerUnreachable:
                if tries >= _TRIES:
                    raise

    def _next_segment(self, saved: SavedFile) -> int:
        """Index of the first segment that is not whole in the file, which is cut to it."""
        index, count = saved.whole(), segment_count(self._size)
        if not self._opened_last and index == count:
            index = count - 1
        saved.cut(index)
        return index

    def _append(self, saved: SavedFile, answer: httpx.Response, index: int) -> None:
        last = segment_count(self._size) - 1
        self._progress(segment_plaintext(index, self._size)[0])
        for sealed in _sealed_segments(answer, self._header, index, self._size):
            saved.append(index, index == last, self._cipher.open(index, index == last, sealed))
            index += 1
            self._opened_last = index > last
            self._progress(sum(segment_plaintext(index - 1, self._size)))


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


def free_path(folder: Path, name: str) -> Path:
    """`name`, or `name (2)` and so on: nothing is overwritten."""
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{Path(name).stem} ({number}){Path(name).suffix}"
    return path
