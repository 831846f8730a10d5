"""A person's own name and language."""

from typing import Any

from django.db import transaction
from django_scopes import scope

from accounts.peer import Peer
from accounts.roles import OWN_PASSWORD, role_check
from accounts.services.address import name_check
from accounts.services.event_record import event_record
from accounts.services.user_create import user_alter


@transaction.atomic
def account_change(*, peer: Peer, name: str | None = None, language: str | None = None) -> None:
    """Change one's own name, in the address too, or the language of one's mails; "" is that of the organisation.

    RoleForbidden for a deposit, NameInvalid.
    """
    role_check(peer, OWN_PASSWORD)
    user = peer.user
    with scope(tenant=peer.tenant):
        if name is not None and name_check(name) != user.name:
            user_alter(user=user, name=name)
            event_record(tenant_id=user.tenant_id, actor=user, action="user.renamed", subject=user.id)
        if language is not None:
            user.language = language
            user.save(update_fields=["language"])


def account_show(*, peer: Peer) -> dict[str, Any]:
    """Who the person is here; their language is "" where it is that of the organisation."""
    user = peer.user
    return {
        "login": user.login,
        "name": user.name,
        "role": user.role,
        "language": user.language,
        "organisation": peer.tenant.name,
    }
