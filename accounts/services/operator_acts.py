"""What an operator does about one row of an organisation; each is told in that organisation's audit log."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.actor import Actor
from accounts.errors import NotFound
from accounts.models import Notification, Tenant
from accounts.services.event_record import event_record
from accounts.services.sign_in_limits import failures_clear
from accounts.services.team import person_find


@transaction.atomic
def backoff_clear(*, tenant_id: UUID, user_id: UUID, by: Actor) -> None:
    """Forget somebody's wrong passwords, and with them the pause. NotFound."""
    by.tenant_check(tenant_id)
    with scope(tenant=Tenant(id=tenant_id)):
        user = person_find(user_id=user_id)
        event_record(
            tenant_id=tenant_id, actor=by.user, action="user.backoff_cleared", subject=user.id, details=by.details
        )
    transaction.on_commit(lambda: failures_clear(bytes(user.login_index or b"")))


@transaction.atomic
def notification_retry(*, tenant_id: UUID, notification_id: UUID, operator: str) -> None:
    """Owe a mail again that a mail server has refused. NotFound for one that has not failed."""
    with scope(tenant=Tenant(id=tenant_id)):
        failed = Notification.objects.filter(id=notification_id, state=Notification.State.FAILED)
        afresh = {"state": Notification.State.WAITING, "run_after": timezone.now(), "attempts": 0}
        if not failed.update(**afresh, lease_until=None):
            raise NotFound
        details = {"act": "mail_retried", "operator": operator}
        event_record(tenant_id=tenant_id, actor=None, action="operator.acted", subject=notification_id, details=details)
