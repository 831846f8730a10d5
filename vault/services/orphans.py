"""What nobody can open any more: objects without a key, and stored bytes without a row. Idempotent.

Whoever deletes what has no row must see every row: all of it runs unscoped; where no row is to be seen nothing goes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from vault.models import ObjectKey, StoredObject
from vault.stores import object_store
from vault.unscoped import unscoped

QUIET = timedelta(days=1)  # what is younger may still be on its way into a row, or out of one
_AT_ONCE = 500


@unscoped
def object_keys(*, before: datetime, after: int = 0) -> tuple[list[tuple[UUID, str]], int]:
    """A page of (object, owner), one a key to an object that was stored before then, and where the next begins.

    An empty page is behind the last.
    """
    rows = ObjectKey.objects.filter(id__gt=after, object__created_at__lt=before).order_by("id")
    page = list(rows.values_list("id", "object_id", "owner")[:_AT_ONCE])
    return [(object_id, owner) for _, object_id, owner in page], page[-1][0] if page else after


@dataclass(frozen=True, slots=True)
class Orphans:
    """How many objects have no key to them, and how many stored files no row."""

    objects: int
    files: int


@unscoped
def orphans_count() -> Orphans:
    """Look; nothing is changed. Takes as long as walking through the store does."""
    return Orphans(objects=_keyless().count(), files=sum(1 for _ in _rowless(timezone.now() - QUIET)))


@unscoped
def orphans_sweep() -> Orphans:
    """Remove orphans that are older than a day; what was removed. Again, or twice at once, without harm."""
    files = 0
    for place in _rowless(timezone.now() - QUIET):
        object_store().delete(place)
        files += 1
    objects = 0
    for object_id in list(_keyless().values_list("id", flat=True)):
        objects += _object_remove(object_id)
    return Orphans(objects=objects, files=files)


@transaction.atomic
def _object_remove(object_id: UUID) -> int:
    """Under the row's lock, which whoever gives an object a key or takes one away waits for."""
    if StoredObject.objects.select_for_update().filter(id=object_id).first() is None:
        return 0
    if not _keyless().filter(id=object_id).delete()[0]:
        return 0
    transaction.on_commit(lambda: object_store().delete(object_id))
    return 1


def _keyless() -> QuerySet[StoredObject]:
    keys = ObjectKey.objects.filter(object_id=OuterRef("id"))
    return StoredObject.objects.filter(~Exists(keys), created_at__lt=timezone.now() - QUIET)


def _rowless(before: datetime) -> Iterator[UUID]:
    """Files that no row names, by some hundreds: there may be more of them than memory holds."""
    if not StoredObject.objects.exists():
        return
    coming = _old(before)
    while places := list(islice(coming, _AT_ONCE)):
        known = set(StoredObject.objects.filter(id__in=places).values_list("id", flat=True))
        yield from (place for place in places if place not in known)


def _old(before: datetime) -> Iterator[UUID]:
    return (place for place, written in object_store().listed() if written < before)
