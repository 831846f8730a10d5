"""Who signs in and asks, of any tenant: the tenant is what is looked for."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import Invitation, Session, SharedKey, Tenant, User


def _live_keys() -> QuerySet[SharedKey]:
    """Keys by which somebody of any tenant may sign in now."""
    rows = SharedKey.objects.select_related("user", "tenant").filter(retired_at=None)
    return rows.filter(user__state=User.State.ACTIVE, tenant__state__in=Tenant.SIGNED_IN)


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
            tenant__state__in=Tenant.SIGNED_IN,
        )
        return rows.first()


def invitation_find(invitation_id: UUID, *, lock: bool = False) -> Invitation | None:
    """An invitation that may still be used, of any tenant: to enrol, or by a guest who has, to show their address.

    With `lock` the user's row and then its own stay locked.
    """
    may = Q(user__state=User.State.INVITED) | Q(user__state=User.State.ACTIVE, user__role=User.Role.GUEST)
    with scopes_disabled():
        if lock:  # the order in which removing and inviting again take them, too
            User.objects.select_for_update(no_key=True).filter(invitations__id=invitation_id).first()
        rows = Invitation.objects.select_related("user", "tenant").filter(
            may,
            id=invitation_id,
            used_at=None,
            withdrawn_at=None,
            expires_at__gt=timezone.now(),
            tenant__state__in=Tenant.SIGNED_IN,
        )
        return (rows.select_for_update(of=("self",)) if lock else rows).first()
