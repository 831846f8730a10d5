"""The transactional outbox of e-mail: what is owed is written with what it tells of, and sent afterwards."""

import json
from collections.abc import Mapping

from django.utils import timezone

from accounts.models import Notification, Tenant, User


def notify(
    *,
    event: str,
    tenant: Tenant,
    key: str,
    user: User | None = None,
    address: str = "",
    context: Mapping[str, str] | None = None,
    language: str = "",
) -> None:
    """Owe somebody a mail: a user, or an address without one. `key` makes one of repeated calls.

    `context` holds links, dates and the organisation's name, never content. The caller holds the tenant's scope and the
    transaction of what is told.
    """
    row = Notification(tenant=tenant, key=key, event=event, user=user, language=language, run_after=timezone.now())
    row.address, row.context = address, json.dumps(dict(context or {}), sort_keys=True)
    Notification.objects.bulk_create([row], ignore_conflicts=True)
