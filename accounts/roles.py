"""Who may do what, by role. The edge asks for a role with every address; services that change things ask again."""

from collections.abc import Container

from accounts.errors import RoleForbidden
from accounts.models import User
from accounts.peer import Peer

Role = User.Role

EVERYBODY = frozenset(Role)
DEPOSITORS = frozenset({Role.DEPOSITOR})
PEOPLE = EVERYBODY - DEPOSITORS  # behind a file request stand many who must not see each other
OWN_PASSWORD = PEOPLE  # a deposit's passphrase is its maker's to choose
RECIPIENTS = frozenset({Role.MEMBER, Role.ADMIN, Role.GUEST})
SENDERS = frozenset({Role.MEMBER, Role.ADMIN})
UPLOADERS = SENDERS | {Role.DEPOSITOR}
ADMINS = frozenset({Role.ADMIN})
TEAM = frozenset({Role.MEMBER, Role.ADMIN, Role.AUDITOR})  # what an admin makes of people
AUDIT_READERS = frozenset({Role.ADMIN, Role.AUDITOR})


def role_check(peer: Peer, roles: Container[str]) -> None:
    """RoleForbidden unless the peer has one of these roles."""
    if peer.user.role not in roles:
        raise RoleForbidden
