"""Sealed objects: written at offsets in any order, read by range, and nothing altered is ever released."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from sealpost.crypto.stream import HEADER, SEGMENT, TAG, segment_count, segment_wire, wire_length
from sealpost.errors import DecryptionError
from tests.vault.conftest import OTHER, OWNER, opened, plaintext, sealed, segment_write, stored_file
from vault.errors import ObjectMissing
from vault.models import ObjectKey, StoredObject
from vault.services import (
    object_create,
    object_delete,
    object_finish,
    object_reader,
    object_share,
    object_write,
    object_writer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rings")]
FIRST, NEXT = SEGMENT - HEADER - TAG, SEGMENT - TAG
BOUNDARIES = [0, 1, FIRST - 1, FIRST, FIRST + 1, FIRST + NEXT - 1, FIRST + NEXT, FIRST + NEXT + 1]
TWO_AND_A_HALF = FIRST + NEXT + NEXT // 2


@pytest.mark.parametrize("size", BOUNDARIES)
def test_an_object_written_in_any_order_reads_as_it_was(size):
    content = plaintext(size)
    object_id = sealed(content)
    assert stored_file(object_id).stat().st_size == wire_length(size)
    assert opened(object_reader(object_id=object_id, owner=OWNER)) == content


@pytest.mark.parametrize("size", BOUNDARIES)
@pytest.mark.parametrize("chunk", [SEGMENT, 700_001])
def test_a_stream_of_unknown_length_is_the_same_object(size, chunk):
    content = plaintext(size)
    blocks = [content[at : at + chunk] for at in range(0, size, chunk)]
    object_id, stored = object_write(owner=OWNER, chunks=blocks)
    assert stored == size
    assert stored_file(object_id).stat().st_size == wire_length(size)
    assert opened(object_reader(object_id=object_id, owner=OWNER)) == content


def test_single_segments_are_read_by_themselves():
    content = plaintext(TWO_AND_A_HALF)
    reader = object_reader(object_id=sealed(content), owner=OWNER)
    room = memoryview(bytearray(SEGMENT))
    assert bytes(reader.read_segment(2, room)) == content[FIRST + NEXT :]
    assert bytes(reader.read_segment(0, room)) == content[:FIRST]
    assert bytes(reader.read_segment(1, room)) == content[FIRST : FIRST + NEXT]


def test_segments_may_come_from_several_threads_and_twice():
    content = plaintext(TWO_AND_A_HALF)
    object_id = object_create(owner=OWNER, size=len(content))
    writer = object_writer(object_id=object_id, owner=OWNER)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda index: segment_write(writer, index, content), [2, 0, 1, 0, 2]))
    object_finish(object_id=object_id)
    assert opened(object_reader(object_id=object_id, owner=OWNER)) == content


def test_no_plaintext_and_no_data_key_reaches_the_store():
    content = b"the words of a contract " * 50_000
    stored = stored_file(sealed(content)).read_bytes()
    assert b"contract" not in stored


@pytest.mark.parametrize("segment", [0, 1, 2])
@pytest.mark.parametrize("place", ["first", "middle", "last of the tag"])
def test_an_altered_byte_of_the_file_is_refused(segment, place):
    object_id = sealed(plaintext(TWO_AND_A_HALF))
    offset, length = segment_wire(segment, TWO_AND_A_HALF)
    at = offset + {"first": 0, "middle": length // 2, "last of the tag": length - 1}[place]
    with stored_file(object_id).open("r+b") as file:
        byte = os.pread(file.fileno(), 1, at)
        os.pwrite(file.fileno(), bytes([byte[0] ^ 1]), at)
    reader, room = object_reader(object_id=object_id, owner=OWNER), memoryview(bytearray(SEGMENT))
    for index in range(3):
        if index == segment:
            with pytest.raises(DecryptionError):
                reader.read_segment(index, room)
        else:
            reader.read_segment(index, room)
    with pytest.raises(DecryptionError):
        opened(reader)


def test_swapped_segments_are_refused():
    size = FIRST + 2 * NEXT + 1
    object_id = sealed(plaintext(size))
    path = stored_file(object_id)
    whole = path.read_bytes()
    path.write_bytes(whole[:SEGMENT] + whole[2 * SEGMENT : 3 * SEGMENT] + whole[SEGMENT : 2 * SEGMENT] + whole[-17:])
    with pytest.raises(DecryptionError):
        opened(object_reader(object_id=object_id, owner=OWNER))


@pytest.mark.usefixtures("as_platform")
def test_a_file_cut_at_a_segment_is_refused_even_where_the_row_was_changed_with_it():
    object_id = sealed(plaintext(TWO_AND_A_HALF))
    path = stored_file(object_id)
    path.write_bytes(path.read_bytes()[: 2 * SEGMENT])
    with pytest.raises(ObjectMissing):
        opened(object_reader(object_id=object_id, owner=OWNER))
    StoredObject.objects.filter(id=object_id).update(size=FIRST + NEXT)
    with pytest.raises(DecryptionError):
        opened(object_reader(object_id=object_id, owner=OWNER))


def test_the_file_of_another_object_does_not_open():
    one, two = sealed(plaintext(1000)), sealed(plaintext(1000))
    stored_file(one).write_bytes(stored_file(two).read_bytes())
    with pytest.raises(DecryptionError):
        opened(object_reader(object_id=one, owner=OWNER))


@pytest.mark.usefixtures("as_platform")
def test_the_row_of_another_object_does_not_open_its_file():
    one, two = sealed(plaintext(1000)), sealed(plaintext(1000))
    stored_file(one).write_bytes(stored_file(two).read_bytes())
    other = StoredObject.objects.get(id=two)
    StoredObject.objects.filter(id=one).update(header=other.header)
    key = ObjectKey.objects.get(object_id=two)
    ObjectKey.objects.filter(object_id=one).update(wrapped=key.wrapped)
    with pytest.raises(DecryptionError):
        opened(object_reader(object_id=one, owner=OWNER))


@pytest.mark.usefixtures("as_platform")
def test_an_altered_header_of_the_row_is_refused():
    object_id = sealed(plaintext(1000))
    header = bytearray(StoredObject.objects.get(id=object_id).header)
    for at in range(HEADER):
        altered = header.copy()
        altered[at] ^= 1
        StoredObject.objects.filter(id=object_id).update(header=bytes(altered))
        with pytest.raises(DecryptionError):
            opened(object_reader(object_id=object_id, owner=OWNER))


def test_nothing_incomplete_can_be_read_and_nothing_complete_written():
    content = plaintext(FIRST + 1)
    object_id = object_create(owner=OWNER, size=len(content))
    writer = object_writer(object_id=object_id, owner=OWNER)
    segment_write(writer, 0, content)
    with pytest.raises(ObjectMissing):
        object_reader(object_id=object_id, owner=OWNER)
    with pytest.raises(ObjectMissing):
        object_finish(object_id=object_id)
    segment_write(writer, 1, content)
    object_finish(object_id=object_id)
    with pytest.raises(ObjectMissing):
        object_writer(object_id=object_id, owner=OWNER)
    assert opened(object_reader(object_id=object_id, owner=OWNER)) == content


def test_a_hole_in_the_middle_is_never_released():
    content = plaintext(TWO_AND_A_HALF)
    object_id = object_create(owner=OWNER, size=len(content))
    writer = object_writer(object_id=object_id, owner=OWNER)
    for index in (0, 2):
        segment_write(writer, index, content)
    object_finish(object_id=object_id)
    with pytest.raises(DecryptionError):
        opened(object_reader(object_id=object_id, owner=OWNER))


def test_a_segment_of_another_length_is_not_written():
    object_id = object_create(owner=OWNER, size=100)
    writer = object_writer(object_id=object_id, owner=OWNER)
    with pytest.raises(ValueError, match="one length"):
        writer.write_segment(0, memoryview(bytes(99)), memoryview(bytearray(115)))


def test_another_owner_reads_nothing_until_it_is_shared_and_then_without_a_copy():
    object_id = sealed(plaintext(1000))
    with pytest.raises(ObjectMissing):
        object_reader(object_id=object_id, owner=OTHER)
    before = stored_file(object_id).stat()
    object_share(object_id=object_id, owner=OWNER, to_owner=OTHER)
    after = stored_file(object_id).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert opened(object_reader(object_id=object_id, owner=OTHER)) == plaintext(1000)


def test_bytes_go_with_the_last_owner(django_capture_on_commit_callbacks):
    object_id = sealed(plaintext(1000))
    path = stored_file(object_id)
    object_share(object_id=object_id, owner=OWNER, to_owner=OTHER)
    with django_capture_on_commit_callbacks(execute=True):
        object_delete(object_id=object_id, owner=OWNER)
    assert path.exists()
    assert opened(object_reader(object_id=object_id, owner=OTHER)) == plaintext(1000)
    with django_capture_on_commit_callbacks(execute=True):
        object_delete(object_id=object_id, owner=OTHER)
    assert not path.exists()
    with pytest.raises(ObjectMissing):
        object_reader(object_id=object_id, owner=OTHER)


@pytest.mark.usefixtures("as_platform")
def test_what_fails_half_way_leaves_no_object(settings, tmp_path):
    settings.SEALPOST_OBJECTS = tmp_path / "objects"

    def chunks():
        yield plaintext(2 * SEGMENT)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        object_write(owner=OWNER, chunks=chunks())
    assert [path for path in (tmp_path / "objects").rglob("*") if path.is_file()] == []
    assert StoredObject.objects.count() == 0


def test_sizes_of_the_boundaries_are_what_the_protocol_says():
    assert [segment_count(size) for size in BOUNDARIES] == [1, 1, 1, 1, 2, 2, 2, 3]
