"""Objects that no row uses: what a killed worker left between storing and saying so."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.sealed import tenant_owner
from accounts.services import chains_lock
from exchange.services.object_release import objects_needed, objects_release
from vault.services import object_keys, orphans_sweep

_AGE = timedelta(hours=24)  # of an object that is still being made a row follows sooner
_PREFIX = tenant_owner("")
_log = logging.getLogger("sealpost.lifecycle")


def orphans_erase() -> int:
    """Erase objects, and files of the store, that nothing has used for a day; how many."""
    before, erased = timezone.now() - _AGE, 0
    with scopes_disabled():
        page, at = object_keys(before=before)
        while page:
            for tenant_id, objects in _by_tenant(page).items():
                erased += _release(tenant_id, objects)
            page, at = object_keys(before=before, after=at)
    gone = orphans_sweep()
    erased += gone.objects + gone.files
    if erased:
        _log.warning("%d objects that nothing used were erased", erased)
    return erased


def _by_tenant(page: Iterable[tuple[UUID, str]]) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for object_id, owner in page:
        if owner.startswith(_PREFIX):
            found[UUID(owner.removeprefix(_PREFIX))].add(object_id)
    return found


def _release(tenant_id: UUID, objects: set[UUID]) -> int:
    unused = objects - objects_needed(tenant_id=tenant_id, objects=objects)
    if not unused:
        return 0
    with transaction.atomic():
        chains_lock({tenant_id})
        return objects_release(tenant_id=tenant_id, objects=unused)
