"""The pages that a step was told."""

from collections.abc import Iterable

from protocol import Refused


def pages_chosen(ranges: Iterable[tuple[int, int | None]], total: int) -> list[range]:
    """Ranges that count from 1 as ranges that count from 0. Refused `page_missing` where a document has fewer pages."""
    chosen: list[range] = []
    for first, last in ranges:
        if max(first, last or 0) > total:
            raise Refused("page_missing")
        chosen.append(range(first - 1, last or total))
    return chosen
