"""Who stands behind a file request: a user without an address, whom a passphrase signs in and nobody lists."""

from uuid import UUID

from django.utils import timezone

from accounts.models import Session, Tenant, User
from accounts.selectors import address_index
from accounts.services.address import REQUESTS
from accounts.services.shared_key import bundle_of, shared_key_store, shared_keys_retire
from accounts.services.user_create import passphrase_new
from sealpost.protocol.keys import UserKeys, password_keys

_BEGIN = "request-"


def request_login(request_id: UUID) -> str:
    """The login of a file request (docs/protocol.md, section 11)."""
    return f"{_BEGIN}{request_id}{REQUESTS}"


def request_of(login: str) -> UUID | None:
    """The file request that signs in by this login; None for any other."""
    if not (login.startswith(_BEGIN) and login.endswith(REQUESTS)):
        return None
    try:
        return UUID(login[len(_BEGIN) : -len(REQUESTS)])
    except ValueError:
        return None


def depositor_keys() -> tuple[str, UserKeys]:
    """A passphrase to pass on and the keys that it makes; costs a derivation, so before any transaction."""
    passphrase = passphrase_new()
    return passphrase, password_keys(passphrase)


def depositor_create(*, tenant: Tenant, request_id: UUID, keys: UserKeys) -> User:
    """The user behind a request. The caller holds the tenant's scope and a transaction."""
    login = request_login(request_id)
    user = User(tenant=tenant, login_index=address_index(login), role=User.Role.DEPOSITOR, state=User.State.ACTIVE)
    user.login, user.name = login, "File request"
    user.save(force_insert=True)
    shared_key_store(user=user, bundle=bundle_of(keys), issued=False)  # the passphrase is not theirs to change
    return user


def depositor_retire(user: User) -> None:
    """End its sessions and destroy its key. The caller holds the tenant's scope and a transaction."""
    now = timezone.now()
    shared_keys_retire(user=user)
    Session.objects.filter(user=user, ended_at=None).update(ended_at=now)
    User.objects.filter(id=user.id).update(state=User.State.REMOVED, login_index=None, removed_at=now)
