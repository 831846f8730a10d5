"""Names for operators: one organisation whose keys were destroyed must not hide the others."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import Tenant, User
from accounts.sealed import tenant_owner
from sealpost.errors import DecryptionError
from vault.errors import RingMissing

DESTROYED = "(its keys were destroyed)"
_PREFIX = tenant_owner("")


def name_of(row: Tenant | User) -> str:
    """The name, or that it is gone."""
    try:
        return row.name
    except (RingMissing, DecryptionError):
        return DESTROYED


def login_of(user: User) -> str:
    """The login, or that it is gone."""
    try:
        return user.login
    except (RingMissing, DecryptionError):
        return DESTROYED


def tenant_ids(owners: Iterable[str]) -> set[UUID]:
    """Ids of the organisations among the vault's owners."""
    return {UUID(owner.removeprefix(_PREFIX)) for owner in owners if owner.startswith(_PREFIX)}
