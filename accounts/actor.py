"""Who changes an organisation: one of its admins, or an operator of the server."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.errors import NotFound, RoleForbidden
from accounts.models import User
from accounts.peer import Peer
from accounts.roles import ADMINS, role_check


@dataclass(frozen=True, slots=True)
class Actor:
    """`user` is None for an operator, whose number the name then is."""

    name: str
    user: User | None = None

    @property
    def operator(self) -> bool:
        """Whether it is an operator."""
        return self.user is None

    @property
    def details(self) -> dict[str, Any]:
        """What the audit log says of who it was, beside the actor."""
        return {"operator": self.name} if self.operator else {}

    def tenant_check(self, tenant_id: UUID) -> None:
        """NotFound for an admin of another organisation."""
        if self.user is not None and self.user.tenant_id != tenant_id:
            raise NotFound

    def still_check(self, admins: Container[UUID]) -> None:
        """RoleForbidden where the one who asks is no admin any more, which another may have decided meanwhile."""
        if self.user is not None and self.user.id not in admins:
            raise RoleForbidden


def admin_of(peer: Peer) -> Actor:
    """The peer as an admin of their organisation. RoleForbidden."""
    role_check(peer, ADMINS)
    return Actor(str(peer.user.id), peer.user)


def operator_numbered(number: int) -> Actor:
    """An operator of this server, by the number of their account."""
    return Actor(str(number))
