"""What tests of a message's later life share: time that has passed, what is owed by mail, what lies in the store."""

import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection as database
from django.db.models import F, Q
from django_scopes import scopes_disabled

from accounts.models import AuditEvent, Connection, ConnectionTerms, Notification, RulesKind, Tenant, TenantRules, User
from accounts.peer import Peer
from exchange import services
from exchange.models import Delivery, Message, Recipient
from tests.exchange.desk import Desk

_MOMENTS = {
    Message: ["sent_at", "expires_at", "ended_at"],
    Delivery: ["sent_at", "delivered_at", "expires_at", "recalled_at"],
    Recipient: ["delivered_at", "reminded_at", "recalled_at"],
}


def days_pass(days: float) -> None:
    """Everything that has happened so far was so many days earlier."""
    with scopes_disabled():
        for model, columns in _MOMENTS.items():
            model.objects.update(**{column: F(column) - timedelta(days=days) for column in columns})


def delivered(sender: Desk, *recipients: Desk, contents: tuple[bytes, ...] = (b"content",), **changed) -> dict:
    """A message that has reached its recipients; the outbox detail."""
    return sender.work(sender.send(*contents, to=list(recipients), **changed))


def policy(tenant: Tenant, **members) -> None:
    """A new version of a tenant's policy."""
    with scopes_disabled():
        version = TenantRules.objects.filter(tenant=tenant, kind=RulesKind.POLICY).count() + 1
        TenantRules.objects.create(
            tenant=tenant, kind=RulesKind.POLICY, version=version, members=members, changed_by="test"
        )


def terms(tenant: Tenant, **members) -> None:
    """What a tenant allows over each of its connections to come in."""
    with scopes_disabled():
        for connection in Connection.objects.filter(Q(first=tenant) | Q(second=tenant)):
            ConnectionTerms.objects.update_or_create(
                tenant=tenant, connection=connection, direction="in", defaults={"members": members}
            )


def mails(event: str, desk: Desk | None = None) -> int:
    """How many mails of an event are owed, to anybody or to one."""
    with scopes_disabled():
        rows = Notification.objects.filter(event=event)
        return (rows.filter(user=desk.peer.user) if desk else rows).count()


def events(action: str) -> int:
    """How many events of this kind any tenant's audit log has."""
    with scopes_disabled():
        return AuditEvent.objects.filter(action=action).count()


def files() -> set[Path]:
    """Every file of the store."""
    return {path for path in Path(settings.SEALPOST_OBJECTS).rglob("*") if path.is_file()}


def extend(desk: Desk, message: dict, days: int) -> dict:
    return services.message_extend(peer=desk.peer, message_id=UUID(message["id"]), expires_days=days)


def recall(desk: Desk, message: dict, *people: Desk) -> dict:
    """From these, or from all."""
    logins = [one.login for one in people] or None
    return services.message_recall(peer=desk.peer, message_id=UUID(message["id"]), logins=logins)


def remind(desk: Desk, message: dict) -> dict:
    return services.message_remind(peer=desk.peer, message_id=UUID(message["id"]))


def add(desk: Desk, message: dict, *people: Desk) -> dict:
    """Add recipients and do what the job then has to do."""
    services.recipients_add(peer=desk.peer, message_id=UUID(message["id"]), logins=[one.login for one in people])
    return desk.work(message)


def states(shown: dict) -> list[str]:
    """States of the deliveries, by login."""
    return [row["state"] for row in sorted(shown["deliveries"], key=lambda row: row["login"])]


def admin_of(tenant: Tenant) -> Peer:
    """The organisation's first admin, as a service sees them."""
    with scopes_disabled():
        user = User.objects.filter(tenant=tenant, role=User.Role.ADMIN).first()
    assert user is not None
    return Peer(user, tenant, user.id, b"", None, b"", b"", b"", password_change_due=False)


def hold(tenant: Tenant, kind: str, target) -> UUID:
    """A legal hold; its id."""
    placed = services.hold_place(peer=admin_of(tenant), kind=kind, target=UUID(str(target)), reason="Lawsuit")
    return UUID(placed["id"])


def lift(tenant: Tenant, hold_id: UUID) -> None:
    services.hold_lift(peer=admin_of(tenant), hold_id=hold_id, reason="Settled")


def together(*works) -> list[Exception]:
    """Do all of it at once, each in a thread and connection of its own; what failed."""
    faults, start = [], threading.Barrier(len(works))

    def run(work) -> None:
        try:
            start.wait()
            work()
        except Exception as error:  # judged by the caller
            faults.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults
