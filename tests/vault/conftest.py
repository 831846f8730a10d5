"""What the vault's tests share."""

import hashlib
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings

from sealpost.crypto.stream import TAG, segment_plaintext
from vault.services import ObjectReader, object_create, object_finish, object_writer, ring_create

OWNER, OTHER = "tenant:one", "tenant:two"


@pytest.fixture
def rings(db) -> None:
    """A ring for each of two owners."""
    ring_create(owner=OWNER)
    ring_create(owner=OTHER)


def plaintext(size: int) -> bytes:
    """The same `size` bytes every time, no two segments of them alike."""
    return hashlib.shake_128(b"vault").digest(size)


def stored_file(object_id: UUID) -> Path:
    """Where the store keeps an object."""
    return next(Path(settings.SEALPOST_OBJECTS).rglob(object_id.hex))


def sealed(content: bytes, *, owner: str = OWNER) -> UUID:
    """A complete object, its segments written from the last to the first."""
    object_id = object_create(owner=owner, size=len(content))
    writer = object_writer(object_id=object_id, owner=owner)
    for index in reversed(range(writer.count)):
        segment_write(writer, index, content)
    object_finish(object_id=object_id)
    return object_id


def segment_write(writer, index: int, content: bytes) -> None:
    """Seal the segment of this index in place, as an upload does."""
    offset, length = segment_plaintext(index, len(content))
    room = bytearray(content[offset : offset + length] + bytes(TAG))
    writer.write_segment(index, memoryview(room)[:length], memoryview(room))


def opened(reader: ObjectReader) -> bytes:
    """The whole plaintext."""
    return b"".join(bytes(chunk) for chunk in reader.chunks())
