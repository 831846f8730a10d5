"""What changes a delivery after it was made, at its recipient's and its sender's side in one transaction.

Rows are locked in one order everywhere: message, recipients, deliveries, then the ends of audit chains.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import Tenant
from accounts.selectors import connected_tenants
from accounts.services import chains_lock, event_record
from exchange.models import Delivery, Message, Recipient
from exchange.services.lifecycle_notices import recalled_notice
from exchange.services.notices import downloaded_notice
from exchange.services.run_recall import runs_recall

_State = Recipient.State
_ORDER = [_State.DELIVERED, _State.OPENED, _State.DOWNLOADED, _State.EXPIRED, _State.RECALLED]


def delivery_lock(delivery_id: UUID) -> Delivery:
    """A delivery of any tenant, locked with its sender's side. The caller holds a transaction."""
    with scopes_disabled():
        recipients = Delivery.objects.filter(id=delivery_id).values("recipient_id")
        list(Recipient.objects.select_for_update().filter(id__in=recipients))
        return Delivery.objects.select_for_update().get(id=delivery_id)


def delivery_advance(*, delivery_id: UUID, state: Recipient.State) -> bool:
    """Move a delivery forward, on both sides; False where it is as far already. The caller holds a transaction."""
    with scopes_disabled():
        row = delivery_lock(delivery_id)
        if _ORDER.index(Recipient.State(row.state)) >= _ORDER.index(state):
            return False
        now = timezone.now()
        row.state = state
        if state in {_State.OPENED, _State.DOWNLOADED}:
            row.opened_at = row.opened_at or now
        if state == _State.DOWNLOADED:
            row.downloaded_at = now
        row.save(update_fields=["state", "opened_at", "downloaded_at"])
        Recipient.objects.filter(id=row.recipient_id).update(
            state=row.state, opened_at=row.opened_at, downloaded_at=row.downloaded_at
        )
        if state == _State.DOWNLOADED:
            sent = Message.objects.select_related("tenant", "sender").filter(id=row.message_id).first()
            if sent is not None:  # the sender's organisation may be closed by now
                downloaded_notice(message=sent)
        return True


def deliveries_recall(*, message: Message, recipients: Sequence[Recipient], at: datetime) -> None:
    """Take what these have received back.

    The caller holds the sender's scope, a transaction and the recipients' locks.
    """

    def recall(row: Delivery) -> None:
        live = row.state != _State.EXPIRED
        row.state, row.recalled_at = _State.RECALLED, at
        row.save(update_fields=["state", "recalled_at"])
        runs_recall(origin=row.id, at=at)
        event_record(tenant_id=row.tenant_id, actor=None, action="delivery.recalled", subject=row.id)
        if live:
            recalled_notice(delivery=row)

    rows = _deliveries_lock(message, recipients)
    _each(message, [row for row in rows if row.state != _State.RECALLED], recall)


def deliveries_extend(*, message: Message, recipients: Sequence[Recipient], until: datetime) -> dict[UUID, str]:
    """Keep these deliveries until then and open those that had expired; by recipient, the state that it has now.

    What its own side has erased, or lies where nothing may be sent to any more, stays as it is. The caller holds the
    sender's scope, a transaction and the recipients' locks.
    """
    allowed, states = connected_tenants(message.tenant_id), {}

    def extend(row: Delivery) -> None:
        row.expires_at, row.expiry_told_at = until, None
        if row.state == _State.EXPIRED:
            row.state = state_reached(row)
        row.save(update_fields=["expires_at", "expiry_told_at", "state"])
        states[row.recipient_id] = row.state
        event_record(tenant_id=row.tenant_id, actor=None, action="delivery.extended", subject=row.id)

    rows = [row for row in _deliveries_lock(message, recipients) if row.state != _State.RECALLED and not row.erased_at]
    _each(message, [row for row in rows if _open(row.tenant, allowed)], extend)
    return states


def state_reached(row: Delivery) -> str:
    """How far a delivery had come before it expired."""
    if row.downloaded_at:
        return _State.DOWNLOADED
    return _State.OPENED if row.opened_at else _State.DELIVERED


def _open(tenant: Tenant, allowed: set[UUID]) -> bool:
    return tenant.state in Tenant.OPEN and (tenant.kind == Tenant.Kind.GUEST or tenant.id in allowed)


def _deliveries_lock(message: Message, recipients: Iterable[Recipient]) -> list[Delivery]:
    with scopes_disabled():
        rows = Delivery.objects.select_for_update(of=("self",)).select_related("tenant")
        wanted = rows.filter(message_id=message.id, recipient_id__in=[one.id for one in recipients])
        return list(wanted.order_by("id"))


def _each(message: Message, rows: list[Delivery], change: Callable[[Delivery], None]) -> None:
    chains_lock({message.tenant_id, *(row.tenant_id for row in rows)})
    for row in rows:
        with scope(tenant=row.tenant):
            change(row)
