"""Reads. The few that must look across tenants say so by `scopes_disabled` and are named for it."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import Connection, Invitation, Session, SharedKey, Tenant, User
from sealpost.crypto.kdf import login_normalise
from vault.errors import RingMissing
from vault.services import keyed_index


def _live_keys() -> QuerySet[SharedKey]:
    """Keys by which somebody of any tenant may sign in now."""
    rows = SharedKey.objects.select_related("user", "tenant").filter(retired_at=None)
    return rows.filter(user__state=User.State.ACTIVE, tenant__state=Tenant.State.ACTIVE)


def user_by_login(login: str) -> User | None:
    """The active user with this login, whatever the tenant."""
    index = keyed_index(purpose="login", value=login_normalise(login))
    with scopes_disabled():
        rows = User.objects.select_related("tenant").filter(login_index=index, state=User.State.ACTIVE)
        return rows.filter(tenant__state=Tenant.State.ACTIVE).first()


def sign_in_key(login_index: bytes) -> tuple[SharedKey | None, bool]:
    """The key to check a sign-in with, of any tenant, and whether it is that of this login.

    For an unknown login it is a stand-in, somebody else's key, so that known and unknown logins load and open the
    same things; whoever calls refuses whatever comes of it. None only where nobody can sign in at all.
    """
    with scopes_disabled():
        own = _live_keys().filter(user__login_index=login_index).values_list("id", flat=True).first()
        stand_in = _live_keys().order_by("id").values_list("id", flat=True).first()
        return _live_keys().filter(id=own or stand_in).first(), own is not None


def live_key(key_id: UUID) -> SharedKey | None:
    """A shared key of any tenant, if it still serves to sign in; user and tenant come with it."""
    with scopes_disabled():
        return _live_keys().filter(id=key_id).first()


def key_of(user: User) -> SharedKey | None:
    """The live shared key of a user; the user's row stays locked until the transaction ends."""
    with scopes_disabled():
        User.objects.select_for_update().get(id=user.id)
        return _live_keys().filter(user=user).first()


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

    Two queries, however many logins and whoever they are; an unknown login and one that may not be reached are the same
    to the database already.
    """
    indexes = {login: keyed_index(purpose="login", value=login) for login in map(login_normalise, logins)}
    reachable = connected_tenants(tenant_id)
    with scopes_disabled():
        rows = User.objects.select_related("tenant").filter(
            login_index__in=list(indexes.values()),
            state=User.State.ACTIVE,
            tenant__state=Tenant.State.ACTIVE,
            tenant_id__in=reachable,
        )
        found = {bytes(user.login_index): user for user in rows}
    return {login: found.get(index) for login, index in indexes.items()}


def users_by_id(ids: Iterable[UUID]) -> dict[UUID, User]:
    """Users of any tenant by id, their tenants with them: for what was already sent to them."""
    with scopes_disabled():
        return {user.id: user for user in User.objects.select_related("tenant").filter(id__in=set(ids))}


def tenants_find(name_or_id: str) -> list[Tenant]:
    """An operator's look-up by id, or by exact name among all tenants whose keys are there."""
    try:
        return list(Tenant.objects.filter(id=UUID(name_or_id)))
    except ValueError:
        return [tenant for tenant in Tenant.objects.order_by("created_at") if _named(tenant, name_or_id)]


def _named(tenant: Tenant, name: str) -> bool:
    try:
        return tenant.name == name
    except RingMissing:
        return False
