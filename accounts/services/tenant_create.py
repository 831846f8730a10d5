"""Organisations and their connections."""

from django.db import transaction
from django_scopes import scope

from accounts.errors import TenantNameInvalid
from accounts.models import Connection, Tenant, User
from accounts.sealed import tenant_owner
from accounts.services.connection import connection_open
from accounts.services.event_record import event_record
from accounts.services.user_create import Issued, user_issue
from vault.services import ring_create

_NAME_MOST = 120


@transaction.atomic
def tenant_create(*, name: str, admin_login: str, admin_name: str = "") -> Issued:
    """An organisation, its key ring and its first admin with an issued passphrase.

    Raises TenantNameInvalid, LoginTaken, LoginInvalid.
    """
    name = name.strip()
    if not 1 <= len(name) <= _NAME_MOST:
        raise TenantNameInvalid
    tenant = Tenant()
    ring_create(owner=tenant_owner(tenant.id))
    tenant.name = name
    with scope(tenant=tenant):
        tenant.save(force_insert=True)
        event_record(tenant_id=tenant.id, actor=None, action="tenant.created", subject=tenant.id)
    return user_issue(tenant=tenant, login=admin_login, name=admin_name, role=User.Role.ADMIN)


@transaction.atomic
def connection_create(*, first: Tenant, second: Tenant) -> Connection:
    """An operator connects two organisations; again without harm. ConnectionInvalid for one and the same."""
    return connection_open(first=first, second=second, actor=None)


def demo_create() -> list[tuple[str, str, str]]:
    """Two connected organisations with one admin each: (name, login, passphrase); none when a tenant exists."""
    if Tenant.objects.exists():
        return []
    ana = tenant_create(name="Aster Legal", admin_login="ana@aster.example", admin_name="Ana Aster")
    ben = tenant_create(name="Birch Supply", admin_login="ben@birch.example", admin_name="Ben Birch")
    connection_create(first=ana.tenant, second=ben.tenant)
    return [(issued.tenant.name, issued.login, issued.passphrase) for issued in (ana, ben)]
