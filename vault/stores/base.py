"""Where sealed bytes lie."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol
from uuid import UUID


class Store(Protocol):
    """Bytes by object id, written at offsets, read by range. It sees ciphertext only."""

    def create(self, place: UUID, length: int) -> None:
        """Make an object of `length` bytes to come; StorageFull."""
        ...

    def write(self, place: UUID, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Write at an offset, in any order, from any process; StorageFull."""
        ...

    def read_into(self, place: UUID, offset: int, out: memoryview) -> None:
        """Fill `out` from an offset; ObjectMissing when the bytes are not all there."""
        ...

    def finish(self, place: UUID, length: int) -> None:
        """Make the bytes durable and their length final; ObjectMissing."""
        ...

    def delete(self, place: UUID) -> None:
        """Remove the bytes; nothing happens when they are gone."""
        ...

    def listed(self) -> Iterator[tuple[UUID, datetime]]:
        """Every object that is there, with the time of its last write, in no order."""
        ...
