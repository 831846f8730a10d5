"""What operators have looked at stands in the log of whose it was."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import AuditEvent
from accounts.services.events_record import events_record

VIEWED = "operator.viewed"
QUIET = timedelta(minutes=10)


def operator_viewed(*, operator: str, page: str, tenant_ids: Collection[UUID]) -> int:
    """Note in the log of each of these organisations that an operator (their number) saw rows of it on a page (a code).

    Not again within ten minutes. One statement where nothing is to be noted, else a fixed number, however many
    organisations. How many logs it was noted in.
    """
    with scopes_disabled():
        if not _unnoted(operator, page, tenant_ids):
            return 0
        with transaction.atomic():
            return events_record(
                tenant_ids=tenant_ids, action=VIEWED, details={"page": page, "operator": operator},
                among=lambda ids: _unnoted(operator, page, ids),
            )  # fmt: skip


def _unnoted(operator: str, page: str, tenant_ids: Collection[UUID]) -> set[UUID]:
    recent = AuditEvent.objects.filter(tenant_id__in=tenant_ids, action=VIEWED, at__gt=timezone.now() - QUIET)
    mine = recent.filter(details__page=page, details__operator=operator)
    return set(tenant_ids) - set(mine.values_list("tenant_id", flat=True))
