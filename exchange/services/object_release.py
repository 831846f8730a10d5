"""Giving up stored objects: only what no row of the tenant needs any more.

A tenant has one key to an object, however many of its rows use it: what somebody sent to a colleague lies once, and a
processed document once for all its recipients. So whoever erases one row drops the key only after the last.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.sealed import tenant_owner
from exchange.models import DeliveredDocument, Document, JobOutput, Upload
from vault.services import object_delete


def objects_needed(*, tenant_id: UUID, objects: Iterable[UUID]) -> set[UUID]:
    """Those of these objects that a row of the tenant still uses; four queries. What was erased uses none."""
    wanted = list(objects)
    uses: list[QuerySet[Any]] = [
        Upload.objects.filter(object__in=wanted),
        Document.objects.filter(object__in=wanted, message__erased_at=None),
        DeliveredDocument.objects.filter(object__in=wanted, delivery__erased_at=None),
        JobOutput.objects.filter(object__in=wanted),
    ]
    own = [rows.filter(tenant_id=tenant_id).values_list("object", flat=True) for rows in uses]
    return {object_id for rows in own for object_id in rows if object_id}


def objects_release(*, tenant_id: UUID, objects: Iterable[UUID]) -> int:
    """Drop the tenant's key to each that nothing uses; bytes go with the last tenant's key. How many.

    The caller has marked its own rows as erased and holds the end of the tenant's audit chain, by which all who erase
    or deliver there wait for each other.
    """
    objects = set(objects)
    given_up = objects - objects_needed(tenant_id=tenant_id, objects=objects)
    for object_id in sorted(given_up):
        object_delete(object_id=object_id, owner=tenant_owner(tenant_id))
    return len(given_up)
