"""Legal holds: placed and lifted by an organisation's admins, each with a reason."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_scopes import scope

from accounts.models import Tenant, User
from accounts.peer import Peer
from accounts.roles import ADMINS, role_check
from accounts.services import chains_lock, event_record
from exchange.errors import NotFound
from exchange.lifecycle_errors import HoldExists, HoldLifted, HoldReasonMissing, HoldTargetUnknown
from exchange.models import Delivery, LegalHold, Mailbox, Message
from exchange.selectors.hold_list import hold_shapes

REASON_MOST = 1000


def hold_place(*, peer: Peer, kind: str, target: UUID, reason: str) -> dict[str, Any]:
    """Keep everything of a person, mailbox or message of the own organisation until the hold is lifted.

    A message is named by its own id or by that of its delivery, as the audit log has it. RoleForbidden,
    HoldTargetUnknown, HoldReasonMissing, HoldExists.
    """
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant):
        found = _TARGETS[kind](target)
        if found is None:
            raise HoldTargetUnknown
        hold = LegalHold(tenant=peer.tenant, kind=kind, target=found, placed_by=peer.user.id)
        hold.reason = _reason(reason)
        try:
            with transaction.atomic():
                Tenant.objects.select_for_update().get(id=peer.tenant.id)  # which may be about to be closed
                chains_lock({peer.tenant.id})  # what is being erased is erased; nothing more will be
                hold.save(force_insert=True)
                _record(peer, "hold.placed", hold)
        except IntegrityError as error:
            raise HoldExists from error
        return hold_shapes([hold])[0]


@transaction.atomic
def hold_lift(*, peer: Peer, hold_id: UUID, reason: str) -> dict[str, Any]:
    """Let expiry, recall and retention have their way again. NotFound, HoldLifted, HoldReasonMissing, RoleForbidden."""
    role_check(peer, ADMINS)
    with scope(tenant=peer.tenant):
        hold = LegalHold.objects.select_for_update().filter(id=hold_id).first()
        if hold is None:
            raise NotFound
        if hold.lifted_at:
            raise HoldLifted
        hold.lift_reason = _reason(reason)
        hold.lifted_at, hold.lifted_by = timezone.now(), peer.user.id
        hold.save(update_fields=["lifted_at", "lifted_by", "lift_reason_sealed"])
        _record(peer, "hold.lifted", hold)
        return hold_shapes([hold])[0]


def _person(target: UUID) -> UUID | None:
    people = User.objects.exclude(role=User.Role.DEPOSITOR)
    return target if people.filter(id=target).exists() else None


def _mailbox(target: UUID) -> UUID | None:
    return target if Mailbox.objects.filter(id=target).exists() else None


def _message(target: UUID) -> UUID | None:
    """The message's id, of one that was sent here or is delivered here."""
    delivery = Delivery.objects.filter(id=target).first() or Delivery.objects.filter(message_id=target).first()
    if delivery is not None:
        return delivery.message_id
    return target if Message.objects.filter(id=target).exists() else None


_TARGETS: dict[str, Callable[[UUID], UUID | None]] = {
    LegalHold.Target.PERSON: _person,
    LegalHold.Target.MAILBOX: _mailbox,
    LegalHold.Target.MESSAGE: _message,
}


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_MOST:
        raise HoldReasonMissing
    return reason


def _record(peer: Peer, action: str, hold: LegalHold) -> None:
    details = {"kind": str(hold.kind), "target": str(hold.target)}
    event_record(tenant_id=peer.tenant.id, actor=peer.user, action=action, subject=hold.id, details=details)
