"""Objects as files of a private folder, two levels deep by id."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from vault.errors import ObjectMissing, StorageFull

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_RESERVE = 64 << 20


class FilesystemStore:
    """A `Store` below `folder`: directories 0700, files 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, place: UUID) -> Path:
        name = place.hex
        return self._folder / name[:2] / name[2:4] / name

    def create(self, place: UUID, length: int) -> None:
        path = self._path(place)
        with _full_told():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (path.parent.parent, path.parent):  # a mode is given to the last folder alone
                folder.mkdir(mode=0o700, exist_ok=True)
            if shutil.disk_usage(path.parent).free < length + _RESERVE:
                raise StorageFull
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def write(self, place: UUID, offset: int, data: bytes | bytearray | memoryview) -> None:
        with self._open(place, os.O_WRONLY) as file, _full_told():
            view = memoryview(data)
            while view:
                written = os.pwrite(file, view, offset)
                view, offset = view[written:], offset + written

    def read_into(self, place: UUID, offset: int, out: memoryview) -> None:
        with self._open(place, os.O_RDONLY) as file:
            while out:
                count = os.preadv(file, [out], offset)
                if not count:
                    raise ObjectMissing
                out, offset = out[count:], offset + count

    def finish(self, place: UUID, length: int) -> None:
        with self._open(place, os.O_WRONLY) as file, _full_told():
            if os.fstat(file).st_size != length:
                raise ObjectMissing
            os.fsync(file)
        folder = os.open(self._path(place).parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def delete(self, place: UUID) -> None:
        self._path(place).unlink(missing_ok=True)

    def listed(self) -> Iterator[tuple[UUID, datetime]]:
        for path in self._folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            with suppress(ValueError, FileNotFoundError):  # what others put here is not ours, and what goes, goes
                place = UUID(path.name)
                if path == self._path(place):
                    yield place, datetime.fromtimestamp(path.lstat().st_mtime, UTC)

    @contextmanager
    def _open(self, place: UUID, flags: int) -> Iterator[int]:
        try:
            descriptor = os.open(self._path(place), flags | os.O_NOFOLLOW)
        except OSError:
            raise ObjectMissing from None
        try:
            yield descriptor
        finally:
            os.close(descriptor)


@contextmanager
def _full_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull from error
        raise
