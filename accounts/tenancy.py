"""The base of every row that belongs to a tenant."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import models
from django_scopes import ScopedManager, get_scope


class TenantMismatch(Exception):
    """A row of one tenant was about to be written under the scope of another; always a programming error."""


def scope_check(tenant_id: uuid.UUID) -> None:
    """Raise TenantMismatch unless the active scope is this tenant's or scopes are disabled on purpose."""
    active = get_scope()
    if not active.get("_enabled", True):
        return
    tenant = active.get("tenant")
    if tenant is None or tenant.pk != tenant_id:
        raise TenantMismatch


def _rows_check(rows: Iterable[Any]) -> list[Any]:
    listed = list(rows)
    for row in listed:
        scope_check(row.tenant_id)
    return listed


class _TenantQuerySet(models.QuerySet):
    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        return super().bulk_create(_rows_check(objs), *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        if {"tenant", "tenant_id"} & kwargs.keys():
            raise TenantMismatch
        return super().update(**kwargs)


class _TenantManager(models.Manager.from_queryset(_TenantQuerySet)):
    """django-scopes leaves `bulk_create` and `exists` of a manager without a scope alone; this one does not."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        return super().bulk_create(_rows_check(objs), *args, **kwargs)

    def exists(self) -> bool:
        return bool(self.all().exists())


class TenantModel(models.Model):
    """A uuid, a tenant, and a manager that raises without an active scope (django-scopes)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("accounts.Tenant", on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager(tenant="tenant", _manager_class=_TenantManager)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        scope_check(self.tenant_id)
        super().save(*args, **kwargs)
