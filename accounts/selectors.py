"""Reads. The few that must look across tenants say so by `scopes_disabled` and are named for it."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import Connection, Invitation, Session, SharedKey, Tenant, User
from sealpost.crypto.kdf import login_normalise
from vault.services import keyed_index


def user_by_login(login: str) -> User | None:
    """The active user with this login, whatever the tenant."""
    index = keyed_index(purpose="login", value=login_normalise(login))
    with scopes_disabled():
        rows = User.objects.select_related("tenant").filter(login_index=index, state=User.State.ACTIVE)
        return rows.filter(tenant__state=Tenant.State.ACTIVE).first()


def live_key(user_id: UUID) -> SharedKey | None:
    """The live shared key of a user of any tenant, the user and tenant with it."""
    with scopes_disabled():
        return SharedKey.objects.select_related("user", "user__tenant").filter(user_id=user_id, retired_at=None).first()


def session_find(session_id: UUID) -> Session | None:
    """A session that may still be used, of any tenant: user, tenant and shared key come with it."""
    with scopes_disabled():
        rows = Session.objects.select_related("user", "tenant", "shared_key").filter(
            id=session_id,
            ended_at=None,
            expires_at__gt=timezone.now(),
            shared_key__retired_at=None,
            user__state=User.State.ACTIVE,
            tenant__state=Tenant.State.ACTIVE,
        )
        return rows.first()


def invitation_find(invitation_id: UUID, *, lock: bool = False) -> Invitation | None:
    """An invitation that may still be used, of any tenant."""
    with scopes_disabled():
        rows = Invitation.objects.select_related("user", "tenant").filter(
            id=invitation_id,
            used_at=None,
            expires_at__gt=timezone.now(),
            user__state=User.State.INVITED,
            tenant__state=Tenant.State.ACTIVE,
        )
        return (rows.select_for_update(of=("self",)) if lock else rows).first()


def connected_tenants(tenant_id: UUID) -> set[UUID]:
    """Ids of the organisations that this one may send to, itself among them."""
    rows = Connection.objects.filter(Q(first_id=tenant_id) | Q(second_id=tenant_id), state=Connection.State.ACTIVE)
    pairs = rows.values_list("first_id", "second_id")
    return {tenant_id}.union(*pairs)


def users_reachable(*, tenant_id: UUID, logins: Iterable[str]) -> dict[str, User | None]:
    """By normalised login, the active user whom this tenant's people may send to, or None: never why.

    Two queries, however many logins and whoever they are.
    """
    indexes = {login: keyed_index(purpose="login", value=login) for login in map(login_normalise, logins)}
    reachable = connected_tenants(tenant_id)
    with scopes_disabled():
        rows = User.objects.select_related("tenant").filter(
            login_index__in=list(indexes.values()), state=User.State.ACTIVE, tenant__state=Tenant.State.ACTIVE
        )
        found = {bytes(user.login_index): user for user in rows if user.tenant_id in reachable}
    return {login: found.get(index) for login, index in indexes.items()}


def users_by_id(ids: Iterable[UUID]) -> dict[UUID, User]:
    """Users of any tenant by id, their tenants with them: for what was already sent to them."""
    with scopes_disabled():
        return {user.id: user for user in User.objects.select_related("tenant").filter(id__in=set(ids))}


def tenant_find(name_or_id: str) -> Tenant | None:
    """An operator's look-up by id, or by exact name among all tenants."""
    try:
        return Tenant.objects.filter(id=UUID(name_or_id)).first()
    except ValueError:
        return next((tenant for tenant in Tenant.objects.all() if tenant.name == name_or_id), None)
