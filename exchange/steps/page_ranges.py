"""Pages as people type them: "1-3, 5, 8-"."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

_RANGE = re.compile(r"(\d{1,5})(?:\s*(-)\s*(\d{1,5})?)?", re.ASCII)
_SAID = "must be pages such as 1-3, 5, 8-"


def page_ranges(text: str) -> list[tuple[int, int | None]]:
    """First and last page of each range, counted from 1; the last is None where it goes to the end. ValueError."""
    ranges: list[tuple[int, int | None]] = []
    for typed in text.replace("–", "-").split(","):
        found = _RANGE.fullmatch(typed.strip())
        if found is None:
            raise ValueError(_SAID)
        first, last = int(found[1]), int(found[3]) if found[3] else None
        if not found[2]:
            last = first
        if first < 1 or (last is not None and last < first):
            raise ValueError(_SAID + ", where the first page is 1 and no range runs backwards")
        ranges.append((first, last))
    return ranges


def _typed(text: str) -> str:
    page_ranges(text)
    return text


PageRanges = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_typed)]
