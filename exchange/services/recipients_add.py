"""Recipients added to a message that was sent: from what was made already, no content copied."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.peer import Peer
from accounts.rules import quotas_of
from accounts.services import event_record
from exchange.errors import RecipientsMissing, TooManyRecipients
from exchange.lifecycle_errors import MessageNotSent, RecipientRecalled
from exchange.models import Job, Message, Recipient
from exchange.sandbox import sandbox_missing
from exchange.services.job_addition import job_afresh
from exchange.services.message_send import recipients_create
from exchange.services.outbox import message_find, outbox_show
from exchange.services.recipients import Addressee, recipients_find
from exchange.services.sent_message import sent_lock
from exchange.steps.base import SandboxMissing
from exchange.steps.registry import step_parse


def recipients_add(*, peer: Peer, message_id: UUID, logins: Sequence[str]) -> dict[str, Any]:
    """Deliver to these too; who has it already keeps it, who could not be reached is tried again.

    Steps whose result names the recipient are run for them, by the message's own job. Returns the outbox detail.
    NotFound, MessageNotSent, ContentErased, RecipientsMissing, RecipientUnreachable, TooManyRecipients,
    RecipientRecalled, SandboxMissing.
    """
    with scope(tenant=peer.tenant):
        message_find(peer=peer, message_id=message_id)
    addressees = recipients_find(peer=peer, logins=logins)
    if not addressees:
        raise RecipientsMissing
    with scope(tenant=peer.tenant), transaction.atomic():
        Job.objects.select_for_update().filter(message_id=message_id, message__sender=peer.user).first()
        message, recipients = sent_lock(peer=peer, message_id=message_id, states={Message.State.SENT})
        if message.expires_at <= timezone.now():
            raise MessageNotSent
        added = _add(peer, message, recipients, addressees)
        if added:
            details = {"recipients": added}
            event_record(
                tenant_id=peer.tenant.id, actor=peer.user, action="message.recipients_added", subject=message.id,
                details=details,
            )  # fmt: skip
            _job_wake(message)
        return outbox_show(peer=peer, message_id=message.id)


def _add(peer: Peer, message: Message, recipients: list[Recipient], addressees: Sequence[Addressee]) -> int:
    """Rows that wait to be delivered to; how many."""
    known = {one.user_id or one.mailbox_id: one for one in recipients}
    old = [known[place] for one in addressees if (place := one.user_id or one.mailbox_id) in known]
    new = [one for one in addressees if (one.user_id or one.mailbox_id) not in known]
    if recalled := [one.login for one in old if one.state == Recipient.State.RECALLED]:
        raise RecipientRecalled(logins=recalled)
    most = quotas_of(peer.tenant.id).recipients_max
    if len(recipients) + len(new) > most:
        raise TooManyRecipients(limit=most)
    again = [one.id for one in old if one.state == Recipient.State.REFUSED]
    if new or again:
        _steps_check(message)
    recipients_create(message, new)
    Recipient.objects.filter(id__in=again).update(state=Recipient.State.WAITING)
    return len(new) + len(again)


def _steps_check(message: Message) -> None:
    """SandboxMissing where a step that names its recipient would have to be run and cannot."""
    steps = [step_parse(item["step"], item["parameters"]) for item in json.loads(message.steps or "[]")]
    if any(step.per_recipient() for step in steps) and (reason := sandbox_missing()):
        raise SandboxMissing(
            f"This server cannot process documents now ({reason}), and a step of this message names its recipient. "
            "Nobody was added; try again later."
        )


def _job_wake(message: Message) -> None:
    """Have the job run again; one that waits or runs finds the new recipients by itself."""
    done = Job.objects.filter(message=message, state=Job.State.DONE).first()
    if done is not None:
        job_afresh(done)
