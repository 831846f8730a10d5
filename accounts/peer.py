"""Who asks: what an authenticated request carries through every service."""

from dataclasses import dataclass, field
from uuid import UUID

from accounts.models import Tenant, User
from sealpost.protocol.handshake import SessionKeys


@dataclass(frozen=True, slots=True)
class Peer:
    """A signed-in user, the session and its keys, for the length of one request."""

    user: User
    tenant: Tenant
    session_id: UUID
    transcript: bytes = field(repr=False)
    keys: SessionKeys = field(repr=False)
    kid: bytes
    shared_key: bytes = field(repr=False)
    nonce: bytes
    password_change_due: bool
    second_factor_due: bool = False
