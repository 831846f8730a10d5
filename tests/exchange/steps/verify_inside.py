"""The program of pdf.verify on many documents in one sandbox, whose packages load once. Writes what it says of each.

Reads documents as a "join" does; this imports nothing of the project.
"""

import json
import logging
import sys
from typing import Any

import protocol
from parts import parts_read
from verify import verify


class Recorder:
    """A control descriptor that keeps what is said."""

    def __init__(self) -> None:
        self.said: list[list[str]] = []

    def progress(self, done: int, total: int) -> None:
        """Nobody waits for it."""

    def finding(self, code: str, *, where: str = "", text: str = "") -> None:
        self.said.append([code, where, text])


def many(arguments: dict[str, Any], control: protocol.Control) -> dict[str, int]:
    logging.disable(logging.CRITICAL)
    source, answers = protocol.WORK / "source", []
    for part in parts_read():
        part.path.replace(source)
        recorder = Recorder()
        try:
            answers.append([verify(source, protocol.WORK / "target", arguments, recorder), recorder.said])
        except protocol.Refused as refused:
            answers.append([str(refused), []])
    sys.stdout.buffer.write(json.dumps(answers).encode())
    return {}


if __name__ == "__main__":
    protocol.answer(many)
