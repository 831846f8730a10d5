"""The filesystem store: private files, two levels deep, that tell when they are missing or the disk is full."""

import os
import resource
import stat
from uuid import uuid4

import pytest

from vault.errors import ObjectMissing, StorageFull
from vault.stores.filesystem import FilesystemStore

pytestmark = pytest.mark.engine


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "objects"


@pytest.fixture
def store(folder) -> FilesystemStore:
    return FilesystemStore(folder)


def test_files_and_folders_are_private_whatever_the_umask(store, folder):
    before = os.umask(0)
    try:
        place = uuid4()
        store.create(place, 5)
        store.write(place, 0, b"bytes")
    finally:
        os.umask(before)
    modes = {path.relative_to(folder): stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    name = place.hex
    assert {str(path): mode for path, mode in modes.items()} == {
        ".": 0o700, name[:2]: 0o700, f"{name[:2]}/{name[2:4]}": 0o700, f"{name[:2]}/{name[2:4]}/{name}": 0o600,
    }  # fmt: skip


def test_bytes_are_written_at_offsets_and_read_by_range(store):
    place = uuid4()
    store.create(place, 10)
    store.write(place, 6, memoryview(b"6789"))
    store.write(place, 0, bytearray(b"012345"))
    store.finish(place, 10)
    out = bytearray(4)
    store.read_into(place, 4, memoryview(out))
    assert bytes(out) == b"4567"


def test_bytes_that_are_not_all_there_are_told(store):
    place = uuid4()
    store.create(place, 10)
    store.write(place, 0, b"01234")
    with pytest.raises(ObjectMissing):
        store.finish(place, 10)
    with pytest.raises(ObjectMissing):
        store.read_into(place, 3, memoryview(bytearray(4)))


def test_an_object_that_is_not_there_is_told_and_deleting_it_does_no_harm(store):
    place = uuid4()
    for act in (
        lambda: store.read_into(place, 0, memoryview(bytearray(1))),
        lambda: store.write(place, 0, b"x"),
        lambda: store.finish(place, 0),
    ):
        with pytest.raises(ObjectMissing):
            act()
    store.create(place, 1)
    store.delete(place)
    store.delete(place)
    with pytest.raises(ObjectMissing):
        store.write(place, 0, b"x")


def test_a_link_is_never_followed(store, folder, tmp_path):
    place, outside = uuid4(), tmp_path / "outside"
    outside.write_bytes(b"not ours")
    store.create(place, 1)
    path = next(path for path in folder.rglob("*") if path.is_file())
    path.unlink()
    path.symlink_to(outside)
    with pytest.raises(ObjectMissing):
        store.write(place, 0, b"X")
    with pytest.raises(ObjectMissing):
        store.read_into(place, 0, memoryview(bytearray(1)))
    assert outside.read_bytes() == b"not ours"


def test_an_id_serves_once(store):
    place = uuid4()
    store.create(place, 1)
    with pytest.raises(FileExistsError):
        store.create(place, 1)


def test_more_than_the_disk_has_is_refused_before_anything_is_written(store, folder):
    with pytest.raises(StorageFull):
        store.create(uuid4(), 1 << 60)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_write_that_finds_no_room_says_so(store):
    place = uuid4()
    store.create(place, 10)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(StorageFull):
            store.write(place, 4096, b"beyond")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
