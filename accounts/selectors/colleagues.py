"""People of one organisation who may be made members of its mailboxes and groups."""

from collections.abc import Sequence

from accounts.errors import ColleagueUnknown
from accounts.models import User
from accounts.roles import SENDERS
from accounts.selectors.addresses import address_index


def colleagues_find(logins: Sequence[str]) -> list[User]:
    """Who has these logins, in their order, each once; people who were invited too. The caller holds the scope.

    ColleagueUnknown, whether there is no such person, or they belong to another tenant or only read the audit log.
    """
    indexes = {address_index(login): login for login in logins}
    rows = User.objects.filter(login_index__in=list(indexes), role__in=SENDERS).exclude(state=User.State.REMOVED)
    found = {bytes(row.login_index): row for row in rows if row.login_index is not None}
    if missing := [login for index, login in indexes.items() if index not in found]:
        raise ColleagueUnknown(logins=missing)
    return [found[index] for index in indexes]
