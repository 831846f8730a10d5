"""Sessions of a user: listed, ended."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.errors import NotFound
from accounts.models import Session, User
from accounts.peer import Peer
from accounts.services.event_record import event_record


def session_list(*, peer: Peer) -> list[dict[str, Any]]:
    """The user's live sessions as docs/protocol.md section 11 shows them, newest first."""
    with scope(tenant=peer.tenant):
        live = Session.objects.filter(user=peer.user, ended_at=None, expires_at__gt=timezone.now())
        return [
            {
                "id": str(row.id),
                "created_at": row.created_at.isoformat(),
                "last_seen_at": row.last_seen_at.isoformat(),
                "expires_at": row.expires_at.isoformat(),
                "client": row.client,
                "current": row.id == peer.session_id,
            }
            for row in live.order_by("-created_at")
        ]


@transaction.atomic
def session_end(*, peer: Peer, session_id: UUID) -> None:
    """End one session of the user's own; of a file request, which many share, this one alone. NotFound."""
    if peer.user.role == User.Role.DEPOSITOR and session_id != peer.session_id:
        raise NotFound
    with scope(tenant=peer.tenant):
        live = Session.objects.filter(id=session_id, user=peer.user, ended_at=None)
        if not live.update(ended_at=timezone.now()):
            raise NotFound
        event_record(tenant_id=peer.tenant.id, actor=peer.user, action="session.ended", subject=session_id)


def sessions_end(*, user: User) -> int:
    """End every session of a user; how many. The caller holds the tenant's scope."""
    return Session.objects.filter(user=user, ended_at=None).update(ended_at=timezone.now())
