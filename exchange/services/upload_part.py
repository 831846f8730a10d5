"""One part of an upload: opened under the sender's key, sealed under the data key, at the same offset."""

import hashlib
import threading
from collections.abc import Iterator
from typing import Protocol
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_scopes import scope

from accounts.peer import Peer
from accounts.sealed import tenant_owner
from exchange.errors import UploadPartConflict, UploadPartLength, UploadPartOutOfRange, UploadPartRefused
from exchange.models import Upload, UploadPart
from exchange.services.upload import upload_open_find
from sealpost.crypto.hkdf import equal
from sealpost.crypto.stream import HEADER, SEGMENT, TAG, SegmentCipher, segment_count, wire_length
from sealpost.errors import DecryptionError
from sealpost.protocol.content import PART, object_key, part_count, part_length
from vault.services import object_writer

_PARTS_AT_ONCE = 3
_READ = 1 << 20
# Whole parts are held while they are verified: few at a time, so that memory stays flat whatever arrives.
_turn = threading.BoundedSemaphore(_PARTS_AT_ONCE)
_buffers: list[bytearray] = []


class Body(Protocol):
    """The request's body as it arrives."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, none at the end."""
        ...


def upload_part_store(*, peer: Peer, upload_id: UUID, number: int, body: Body, length: int | None) -> None:
    """Store part `number` (from 0) of `length` announced bytes; the same bytes again do no harm.

    Raises UploadUnknown, UploadComplete, UploadKeyRetired, UploadPartOutOfRange, UploadPartLength, UploadPartRefused,
    UploadPartConflict, StorageFull. Nothing is stored unless every segment of the part was authenticated.
    """
    with scope(tenant=peer.tenant):
        upload = upload_open_find(peer=peer, upload_id=upload_id)
        wire = wire_length(upload.size)
        if not 0 <= number < part_count(wire):
            raise UploadPartOutOfRange(parts=part_count(wire))
        expected = part_length(number, wire)
        if length is not None and length != expected:
            raise UploadPartLength(expected=expected)
        with _turn:
            buffer = _buffers.pop() if _buffers else bytearray(PART)
            try:
                part = memoryview(buffer)[:expected]
                _receive(body, part)
                _store(peer, upload, number, part)
            finally:
                _buffers.append(buffer)


def _receive(body: Body, part: memoryview) -> None:
    """Fill `part` exactly. UploadPartLength when the body is shorter or longer."""
    at = 0
    while at < len(part):
        block = body.read(min(_READ, len(part) - at))
        if not block:
            raise UploadPartLength(expected=len(part))
        part[at : at + len(block)] = block
        at += len(block)
    if body.read(1):
        raise UploadPartLength(expected=len(part))


def _segments(number: int, part: memoryview) -> Iterator[tuple[int, memoryview]]:
    """(index, ciphertext) of the segments of a part; the header is left out."""
    per_part = PART // SEGMENT
    for at in range(0, len(part), SEGMENT):
        index = number * per_part + at // SEGMENT
        yield index, part[at + (HEADER if index == 0 else 0) : at + SEGMENT]


def _store(peer: Peer, upload: Upload, number: int, part: memoryview) -> None:
    tags = hashlib.sha256(part[:HEADER] if number == 0 else b"")
    for _, sealed in _segments(number, part):
        tags.update(sealed[-TAG:])
    digest = tags.digest()
    if _stored(upload, number, digest):
        return
    _open_all(peer, upload, number, part)
    _reserve(upload, number, digest)
    assert upload.object is not None
    writer = object_writer(object_id=upload.object, owner=tenant_owner(upload.tenant_id))
    for index, room in _segments(number, part):
        writer.write_segment(index, room[:-TAG], room)
    UploadPart.objects.filter(upload=upload, number=number).update(stored_at=timezone.now())


def _stored(upload: Upload, number: int, digest: bytes) -> bool:
    """Whether this part is stored with these very bytes; UploadPartConflict when with others."""
    row = UploadPart.objects.filter(upload=upload, number=number).first()
    if row is None:
        return False
    if not equal(bytes(row.tags_digest), digest):
        raise UploadPartConflict
    return row.stored_at is not None


def _open_all(peer: Peer, upload: Upload, number: int, part: memoryview) -> None:
    """Open every segment where it lies. UploadPartRefused."""
    transfer = upload.transfer
    key = object_key(peer.shared_key, direction="up", transfer=transfer, kid=peer.kid, document=transfer)
    cipher, last = SegmentCipher(key.key, bytes(upload.header), key.aad), segment_count(upload.size) - 1
    if number == 0 and bytes(part[:HEADER]) != bytes(upload.header):
        raise UploadPartRefused
    try:
        for index, sealed in _segments(number, part):
            cipher.open_into(index, index == last, sealed, sealed[:-TAG])
    except DecryptionError:
        raise UploadPartRefused from None


def _reserve(upload: Upload, number: int, digest: bytes) -> None:
    """Keep the digest before the first byte is written, so that no nonce ever seals two plaintexts."""
    try:
        with transaction.atomic():
            UploadPart.objects.create(tenant_id=upload.tenant_id, upload=upload, number=number, tags_digest=digest)
    except IntegrityError:
        _stored(upload, number, digest)
