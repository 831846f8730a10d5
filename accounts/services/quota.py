"""Quotas of people and of requests; those of storage and jobs are the exchange's."""

import time
from collections.abc import Iterable
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count
from django_scopes import scopes_disabled

from accounts.errors import QuotaExceeded, RequestsExceeded
from accounts.models import Tenant, User
from accounts.rules import REQUESTS_LEAST, quotas_of

_COUNTED = (User.Role.MEMBER, User.Role.ADMIN, User.Role.AUDITOR)
_KNOWN_SECONDS = 30


def people_count() -> int:
    """People and invited people of the scope's tenant; guests and file requests are none."""
    return User.objects.filter(role__in=_COUNTED).exclude(state=User.State.REMOVED).count()


def people_counts(*, tenant_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The same of several tenants, for operators; one query."""
    with scopes_disabled():
        rows = User.objects.filter(role__in=_COUNTED, tenant_id__in=list(tenant_ids)).exclude(state=User.State.REMOVED)
        return dict(rows.values_list("tenant_id").annotate(count=Count("id")))


def people_check(*, tenant: Tenant) -> None:
    """QuotaExceeded where no further person may be made. The caller holds the scope and a transaction."""
    most = quotas_of(tenant.id).people
    if most is None:
        return
    Tenant.objects.select_for_update().get(id=tenant.id)  # two invitations at once must not both be the last
    used = people_count()
    if used >= most:
        raise QuotaExceeded(
            f"Your organisation may have {most} people here, and has {used}. Nothing was created; "
            "remove somebody, or ask the operator of this server for more.",
            quota="people", limit=most, used=used,
        )  # fmt: skip


def requests_check(tenant_id: UUID) -> None:
    """Count a request of a tenant; RequestsExceeded with `retry_after` above its limit of this minute."""
    minute = int(time.time() // 60)
    name = f"requests:{tenant_id}:{minute}"
    cache.add(name, 0, 120)
    count = cache.incr(name)
    if count > REQUESTS_LEAST and count > (most := _requests_most(tenant_id)):
        wait = 60 - int(time.time() % 60)
        raise RequestsExceeded(
            f"Your organisation may make {most} requests in a minute here. Nothing was changed; "
            f"go on in {wait} seconds, or ask the operator of this server for more.",
            quota="requests_per_minute", limit=most, used=count, retry_after=wait,
        )  # fmt: skip


def requests_count(tenant_id: UUID) -> int:
    """Requests of a tenant in this minute."""
    return int(cache.get(f"requests:{tenant_id}:{int(time.time() // 60)}") or 0)


def _requests_most(tenant_id: UUID) -> int:
    name = f"requests-most:{tenant_id}"
    most = cache.get(name)
    if most is None:
        most = quotas_of(tenant_id).requests_per_minute
        cache.set(name, most, _KNOWN_SECONDS)
    return int(most)
