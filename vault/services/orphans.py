"""Finding what is stored and belongs to nothing."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from vault.models import ObjectKey, StoredObject
from vault.stores import object_store

_PAGE = 500


def object_keys(*, before: datetime) -> Iterator[list[tuple[UUID, str]]]:
    """(object, owner) of every key to an object that was stored before then, page by page."""
    last = 0
    while True:
        rows = ObjectKey.objects.filter(id__gt=last, object__created_at__lt=before).order_by("id")
        page = list(rows.values_list("id", "object_id", "owner")[:_PAGE])
        if not page:
            return
        last = page[-1][0]
        yield [(object_id, owner) for _, object_id, owner in page]


def files_sweep(*, before: datetime) -> int:
    """Delete what was last written before then and has no row, since a process was killed in between; how many."""
    store, deleted = object_store(), 0
    for places in _pages(store.places(before)):
        known = set(StoredObject.objects.filter(id__in=places).values_list("id", flat=True))
        for place in places:
            if place not in known:
                store.delete(place)
                deleted += 1
    return deleted


def _pages(places: Iterator[UUID]) -> Iterator[list[UUID]]:
    page: list[UUID] = []
    for place in places:
        page.append(place)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page
