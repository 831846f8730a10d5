"""What the processes of a sandbox use together: the kernel's own limit is on each of them."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


def family_weight(process: int) -> tuple[int, int]:
    """How many came of a process, and the bytes that they hold with it; what they share with files is not counted."""
    family = list(_family(process))
    return len(family) - 1, sum(map(_held, family))


def _family(process: int) -> Iterator[int]:
    yield process
    with suppress(OSError, ValueError):  # it has ended meanwhile
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            for child in children.read_text().split():
                yield from _family(int(child))


def _held(process: int) -> int:
    with suppress(OSError, ValueError):
        _size, resident, shared = map(int, Path(f"/proc/{process}/statm").read_text().split()[:3])
        return (resident - shared) * _PAGE
    return 0
