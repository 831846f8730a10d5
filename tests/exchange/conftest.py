"""Three organisations: Aster and Birch are connected, Cedar is not."""

import pytest
from django_scopes import scopes_disabled

from accounts.models import Tenant
from accounts.services import connection_create, tenant_create
from tests.exchange.desk import Desk, desk


@pytest.fixture
def organisations(db) -> dict[str, Tenant]:
    names = {"aster": "Aster Legal", "birch": "Birch Supply", "cedar": "Cedar Works"}
    made = {
        short: tenant_create(name=name, admin_login=f"admin@{short}.example", admin_name="Admin").tenant
        for short, name in names.items()
    }
    with scopes_disabled():
        connection_create(first=made["aster"], second=made["birch"])
    return made


@pytest.fixture
def ana(organisations) -> Desk:
    return desk(organisations["aster"], "ana@aster.example")


@pytest.fixture
def ben(organisations) -> Desk:
    return desk(organisations["birch"], "ben@birch.example")


@pytest.fixture
def cem(organisations) -> Desk:
    return desk(organisations["cedar"], "cem@cedar.example")
