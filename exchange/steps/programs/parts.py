"""Several documents through one descriptor, as `exchange/steps/parts.py` frames them.

Each part: four bytes of length and a JSON header `{"name", "type"}`, then blocks of four bytes of length and content,
and an empty block; an empty header ends it all.
"""

import json
import shutil
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from protocol import WORK, Control, answer, source_read

_BLOCK = 1 << 18


@dataclass(frozen=True)
class Part:
    """A document that was given: its name, media type and content as a file."""

    name: str
    media_type: str
    path: Path


class PartWriter:
    """Writes documents to stdout, one after the other."""

    def __init__(self) -> None:
        self._out = sys.stdout.buffer
        self.count = 0

    def add(self, name: str, content: BinaryIO, *, media_type: str = "") -> None:
        """One document; nothing of it is kept in memory."""
        self._frame(json.dumps({"name": name[:255], "type": media_type}).encode())
        while block := content.read(_BLOCK):
            self._frame(block)
        self._frame(b"")
        self.count += 1

    def end(self) -> None:
        """No more."""
        self._frame(b"")

    def _frame(self, block: bytes) -> None:
        self._out.write(struct.pack(">I", len(block)))
        self._out.write(block)


def _frame_read() -> bytes:
    (length,) = struct.unpack(">I", sys.stdin.buffer.read(4))
    return sys.stdin.buffer.read(length)


def parts_read() -> list[Part]:
    """Every document on stdin, as files in the memory file system."""
    parts: list[Part] = []
    while header := _frame_read():
        said, path = json.loads(header), WORK / f"part{len(parts)}"
        with path.open("wb") as file:
            while block := _frame_read():
                file.write(block)
        parts.append(Part(said["name"], said["type"], path))
    return parts


def run_join(work: Callable[[list[Part], Path, dict[str, Any], Control], dict[str, int]]) -> None:
    """Many documents in, one out."""

    def whole(arguments: dict[str, Any], control: Control) -> dict[str, int]:
        target = WORK / "target"
        report = work(parts_read(), target, arguments, control)
        with target.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer, _BLOCK)
        return report

    answer(whole)


def run_split(work: Callable[[Path, PartWriter, dict[str, Any], Control], dict[str, int]]) -> None:
    """One document in, any number out; each is written as soon as it is made."""

    def whole(arguments: dict[str, Any], control: Control) -> dict[str, int]:
        writer = PartWriter()
        report = work(source_read(), writer, arguments, control)
        writer.end()
        return report

    answer(whole)
