"""Whom a user may send to, checked before anything is."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from accounts.models import User
from accounts.peer import Peer
from accounts.selectors import users_reachable
from exchange.errors import RecipientUnreachable, TooManyRecipients


def recipients_check(*, peer: Peer, logins: Sequence[str]) -> list[dict[str, Any]]:
    """Each login with its person and organisation where it can be reached, without saying why where not."""
    _count_check(logins)
    found = users_reachable(tenant_id=peer.tenant.id, logins=logins)
    return [
        {
            "login": login,
            "name": user.name if user else "",
            "tenant": user.tenant.name if user else "",
            "reachable": user is not None,
        }
        for login, user in found.items()
    ]


def recipients_find(*, peer: Peer, logins: Sequence[str]) -> list[User]:
    """The people behind these logins. RecipientUnreachable with those that cannot be reached, TooManyRecipients."""
    _count_check(logins)
    found = users_reachable(tenant_id=peer.tenant.id, logins=logins)
    if missing := [login for login, user in found.items() if user is None]:
        raise RecipientUnreachable(logins=missing)
    return [user for user in found.values() if user]


def _count_check(logins: Sequence[str]) -> None:
    if len(logins) > settings.SEALPOST_RECIPIENTS_MAX:
        raise TooManyRecipients(limit=settings.SEALPOST_RECIPIENTS_MAX)
