"""The type of a document by its first bytes, as one finding; none where it is unknown."""

import sys
from typing import Any

import puremagic
from protocol import Control, answer


def detect(_: dict[str, Any], control: Control) -> dict[str, int]:
    """Stdin is the beginning of a document; the finding's text is its media type."""
    try:
        found = puremagic.magic_string(sys.stdin.buffer.read())
    except (puremagic.PureError, ValueError):
        found = []
    known = [match.mime_type for match in found if match.mime_type]
    if known:
        control.finding("type", text=known[0])
    return {}


if __name__ == "__main__":
    answer(detect)
