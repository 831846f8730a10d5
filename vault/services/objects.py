"""Sealed objects: written segment by segment at offsets, read by range, shared without a copy."""

import os
import uuid
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from sealpost.crypto.hkdf import label
from sealpost.crypto.stream import (
    TAG,
    Buffer,
    SegmentCipher,
    header_new,
    seal_stream,
    segment_count,
    segment_wire,
    wire_length,
)
from vault.errors import ObjectMissing
from vault.models import ObjectKey, StoredObject
from vault.services.secret import secret_unwrap, secret_wrap
from vault.stores import object_store
from vault.unscoped import unscoped

_DATA_KEY = 32
_PURPOSE = "data-key"


def _aad(object_id: UUID) -> bytes:
    return label("object-at-rest", object_id.bytes)


def _key_add(object_id: UUID, owner: str, data_key: bytes) -> None:
    wrapped = secret_wrap(owner=owner, purpose=_PURPOSE, row=str(object_id), secret=data_key)
    ObjectKey.objects.get_or_create(object_id=object_id, owner=owner, defaults={"wrapped": wrapped})


def _data_key(object_id: UUID, owner: str) -> bytes:
    row = ObjectKey.objects.filter(object_id=object_id, owner=owner).first()
    if row is None:
        raise ObjectMissing
    return secret_unwrap(owner=owner, purpose=_PURPOSE, row=str(object_id), wrapped=bytes(row.wrapped))


class _Segments:
    """An object's cipher and place in the store; opening it takes two queries, using it none."""

    @unscoped
    def __init__(self, object_id: UUID, owner: str, *, sealed: bool) -> None:
        row = StoredObject.objects.filter(id=object_id, sealed_at__isnull=not sealed).first()
        if row is None or row.size is None:
            raise ObjectMissing
        self.object_id = object_id
        self.size: int = row.size
        self.count = segment_count(self.size)
        self._cipher = SegmentCipher(_data_key(object_id, owner), bytes(row.header), _aad(object_id))
        self._store = object_store()


class ObjectWriter(_Segments):
    """Seals segments of one object at their offsets, in any order, from several threads."""

    def write_segment(self, index: int, plaintext: memoryview, out: memoryview) -> None:
        """Seal one segment into `out` (16 bytes longer; may start at `plaintext`) and store it. StorageFull."""
        offset, length = segment_wire(index, self.size)
        if len(out) != length:
            raise ValueError("a segment has one length only")
        self._cipher.seal_into(index, index == self.count - 1, plaintext, out)
        self._store.write(self.object_id, offset, out)
        if index == 0:
            self._store.write(self.object_id, 0, self._cipher.header)


class ObjectReader(_Segments):
    """Opens segments of one complete object."""

    def read_segment(self, index: int, out: memoryview) -> memoryview:
        """The plaintext of a segment, in `out`, which needs room for 16 bytes more. ObjectMissing, DecryptionError."""
        offset, length = segment_wire(index, self.size)
        sealed = out[:length]
        self._store.read_into(self.object_id, offset, sealed)
        plaintext = out[: length - TAG]
        self._cipher.open_into(index, index == self.count - 1, sealed, plaintext)
        return plaintext

    def chunks(self, out: memoryview | None = None) -> Iterator[memoryview]:
        """The plaintext, segment by segment, each valid until the next is asked for."""
        out = out or memoryview(bytearray(min(wire_length(self.size), 1 << 20)))
        for index in range(self.count):
            yield self.read_segment(index, out)


@unscoped
@transaction.atomic
def object_create(*, owner: str, size: int) -> UUID:
    """Room for an object of `size` plaintext bytes under a fresh data key of `owner`. StorageFull."""
    row = StoredObject.objects.create(size=size, header=header_new())
    _key_add(row.id, owner, os.urandom(_DATA_KEY))
    object_store().create(row.id, wire_length(size))
    return row.id


def object_writer(*, object_id: UUID, owner: str) -> ObjectWriter:
    """A writer of an object that is not complete yet; ObjectMissing."""
    return ObjectWriter(object_id, owner, sealed=False)


def object_reader(*, object_id: UUID, owner: str) -> ObjectReader:
    """A reader of a complete object; ObjectMissing, RingMissing."""
    return ObjectReader(object_id, owner, sealed=True)


@unscoped
def object_finish(*, object_id: UUID) -> None:
    """Make an object durable and complete; ObjectMissing when bytes are missing."""
    row = StoredObject.objects.get(id=object_id)
    assert row.size is not None
    object_store().finish(object_id, wire_length(row.size))
    StoredObject.objects.filter(id=object_id).update(sealed_at=timezone.now())


def object_write(*, owner: str, chunks: Iterable[Buffer]) -> tuple[UUID, int]:
    """Store a stream of unknown length; (object, plaintext bytes). What fails half-way leaves no object."""
    object_id, header, data_key = uuid.uuid4(), header_new(), os.urandom(_DATA_KEY)
    store = object_store()
    store.create(object_id, 0)
    offset = 0
    try:
        for block in seal_stream(data_key, chunks, aad=_aad(object_id), header=header):
            store.write(object_id, offset, block)
            offset += len(block)
        store.finish(object_id, offset)
    except BaseException:
        store.delete(object_id)
        raise
    size = offset - len(header)
    size -= TAG * -(-offset // (1 << 20))
    _complete_add(object_id, owner, size, header, data_key)
    return object_id, size


@unscoped
@transaction.atomic
def _complete_add(object_id: UUID, owner: str, size: int, header: bytes, data_key: bytes) -> None:
    StoredObject.objects.create(id=object_id, size=size, header=header, sealed_at=timezone.now())
    _key_add(object_id, owner, data_key)


@unscoped
def object_share(*, object_id: UUID, owner: str, to_owner: str) -> None:
    """Rewrap the data key for another owner; no content is copied. ObjectMissing, RingMissing."""
    _key_add(object_id, to_owner, _data_key(object_id, owner))


@unscoped
def owner_usage(*, owner: str) -> int:
    """Plaintext bytes of every object that this owner has a key to; one query."""
    held = ObjectKey.objects.filter(owner=owner)
    return int(held.aggregate(bytes=Sum("object__size", default=0))["bytes"])


@unscoped
@transaction.atomic
def owner_objects_delete(*, owner: str) -> int:
    """Drop this owner's key to every object; the bytes of those that nobody else has a key to go. How many."""
    ids = list(ObjectKey.objects.filter(owner=owner).values_list("object_id", flat=True))
    for object_id in ids:
        object_delete(object_id=object_id, owner=owner)
    return len(ids)


@unscoped
def object_delete(*, object_id: UUID, owner: str) -> None:
    """Drop the owner's key; the bytes go with the last one."""
    with transaction.atomic():
        StoredObject.objects.select_for_update().filter(id=object_id).first()
        ObjectKey.objects.filter(object_id=object_id, owner=owner).delete()
        if ObjectKey.objects.filter(object_id=object_id).exists():
            return
        StoredObject.objects.filter(id=object_id).delete()
        transaction.on_commit(lambda: object_store().delete(object_id))


def owners_usage(*, owners: Iterable[str]) -> dict[str, tuple[int, int]]:
    """(objects, plaintext bytes) of each of these owners who has any; one query."""
    held = ObjectKey.objects.filter(owner__in=list(owners)).values("owner")
    rows = held.annotate(count=Count("id"), bytes=Sum("object__size", default=0))
    counted = rows.values_list("owner", "count", "bytes")
    return {owner: (count, int(size)) for owner, count, size in counted}


def stored_usage() -> tuple[int, int]:
    """(objects, plaintext bytes) of all that is stored, what several owners share once; one query."""
    found = StoredObject.objects.aggregate(objects=Count("id"), bytes=Sum("size", default=0))
    return found["objects"], int(found["bytes"])
