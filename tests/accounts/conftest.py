"""Organisations and people, made by the services."""

import pytest
from django_scopes import scope

from accounts.models import Tenant
from accounts.sealed import tenant_owner
from accounts.services import Issued, tenant_create, user_issue
from vault.services import ring_create


def organisation(name: str) -> Tenant:
    """An organisation without the admin that `tenant_create` makes at the price of an Argon2."""
    tenant = Tenant()
    ring_create(owner=tenant_owner(tenant.id))
    tenant.name = name
    with scope(tenant=tenant):
        tenant.save(force_insert=True)
    return tenant


@pytest.fixture
def ana(db) -> Issued:
    """The admin of Aster Legal, with an issued passphrase."""
    return tenant_create(name="Aster Legal", admin_login="ana@aster.example", admin_name="Ana Aster")


@pytest.fixture
def aster(ana) -> Tenant:
    """The organisation of ana."""
    return ana.tenant


@pytest.fixture
def ben(db) -> Issued:
    """The admin of Birch Supply, which is connected to nobody."""
    return tenant_create(name="Birch Supply", admin_login="ben@birch.example", admin_name="Ben Birch")


@pytest.fixture
def robot(aster) -> Issued:
    """A partner system of Aster Legal, with a machine secret: signing in costs no Argon2."""
    return user_issue(tenant=aster, login="robot@aster.example", name="Robot", kind="machine")
