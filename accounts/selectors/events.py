"""What the audit log knows already."""

from uuid import UUID

from accounts.models import AuditEvent, User


def event_known(*, actor: User, action: str, subject: UUID) -> bool:
    """Whether somebody did this to something before. The caller holds the tenant's scope."""
    return AuditEvent.objects.filter(actor=actor.id, action=action, subject=subject).exists()
