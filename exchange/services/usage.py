"""What an organisation uses of what it may use: told before it is hit, and checked where it would be."""

from typing import Any
from uuid import UUID

from django_scopes import scope

from accounts.errors import QuotaExceeded
from accounts.models import Tenant
from accounts.peer import Peer
from accounts.roles import ADMINS, role_check
from accounts.rules import Quotas, quotas_of
from accounts.sealed import tenant_owner
from accounts.services import people_count, requests_count
from exchange.models import Job
from vault.services import owner_usage


def storage_left(*, tenant_id: UUID, quotas: Quotas) -> int | None:
    """Bytes that may still be stored; None without a limit."""
    if quotas.storage_bytes is None:
        return None
    return max(quotas.storage_bytes - owner_usage(owner=tenant_owner(tenant_id)), 0)


def storage_check(*, tenant_id: UUID, size: int, quotas: Quotas) -> None:
    """QuotaExceeded where `size` more bytes do not fit. The caller holds a transaction, in which they are taken."""
    most = quotas.storage_bytes
    if most is None:
        return
    Tenant.objects.select_for_update().get(id=tenant_id)  # two uploads at once must not both take the last room
    used = owner_usage(owner=tenant_owner(tenant_id))
    if used + size > most:
        raise QuotaExceeded(
            f"Your organisation may store {most:,} bytes here and has stored {used:,}; this document has {size:,}. "
            "Nothing was sent; have older messages erased, or ask an admin of your organisation.",
            quota="storage_bytes", limit=most, used=used,
        )  # fmt: skip


def usage_show(*, peer: Peer) -> dict[str, Any]:
    """Every quota with what is used of it, for admins; `used` is null for limits of a single thing. RoleForbidden."""
    role_check(peer, ADMINS)
    quotas = quotas_of(peer.tenant.id)
    with scope(tenant=peer.tenant):
        used = {
            "people": people_count(),
            "storage_bytes": owner_usage(owner=tenant_owner(peer.tenant.id)),
            "jobs_at_once": Job.objects.filter(state=Job.State.RUNNING).count(),
            "requests_per_minute": requests_count(peer.tenant.id),
        }
        waiting = Job.objects.filter(state=Job.State.QUEUED).count()
    members = [
        {"quota": name, "title": field.title, "limit": getattr(quotas, name), "used": used.get(name)}
        for name, field in Quotas.model_fields.items()
    ]
    return {"quotas": members, "jobs_waiting": waiting}
