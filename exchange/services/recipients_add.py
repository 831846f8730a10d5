"""Recipients added to a message that was sent: from what was made already, no content copied."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.errors import PolicyRefused
from accounts.peer import Peer
from accounts.rules import quotas_of
from accounts.services import event_record, tenant_open_check
from exchange.errors import RecipientsMissing, TooManyRecipients
from exchange.lifecycle_errors import MessageNotSent, RecipientRecalled
from exchange.models import Job, Message, Recipient
from exchange.sandbox import sandbox_missing
from exchange.services.job_addition import job_afresh
from exchange.services.job_chain import item_original
from exchange.services.job_judge import Stopped, documents_judge
from exchange.services.message_send import fewer, recipients_create
from exchange.services.outbox import message_find, outbox_show
from exchange.services.policy_check import days_check, name_check, objection_sentence, parties_of, size_check
from exchange.services.recipients import Addressee, recipients_find
from exchange.services.sent_message import sent_lock
from exchange.steps.base import SandboxMissing
from exchange.steps.registry import step_parse


def recipients_add(*, peer: Peer, message_id: UUID, logins: Sequence[str]) -> dict[str, Any]:
    """Deliver to these too; who has it already keeps it, who could not be reached is tried again.

    Steps whose result names the recipient are run for them, by the message's own job. Returns the outbox detail.
    NotFound, MessageNotSent, ContentErased, RecipientsMissing, RecipientUnreachable, TooManyRecipients,
    RecipientRecalled, PolicyRefused, SandboxMissing, TenantClosing.
    """
    with scope(tenant=peer.tenant):
        message_find(peer=peer, message_id=message_id)
    tenant_open_check(peer)
    addressees = recipients_find(peer=peer, logins=logins)
    if not addressees:
        raise RecipientsMissing
    with scope(tenant=peer.tenant), transaction.atomic():
        Job.objects.select_for_update().filter(message_id=message_id).first()  # before the message, as its worker does
        message, recipients = sent_lock(peer=peer, message_id=message_id, states={Message.State.SENT})
        if message.expires_at <= timezone.now():
            raise MessageNotSent
        if added := _add(peer, message, recipients, addressees):
            _rules_check(peer, message, addressees, added)
            details = {"recipients": len(added)}
            event_record(
                tenant_id=peer.tenant.id, actor=peer.user, action="message.recipients_added", subject=message.id,
                details=details,
            )  # fmt: skip
            _job_wake(message)
        return outbox_show(peer=peer, message_id=message.id)


def _add(peer: Peer, message: Message, recipients: list[Recipient], addressees: Sequence[Addressee]) -> list[Recipient]:
    """Rows that wait to be delivered to."""
    known = {place: one for one in recipients for place in _places(one)}
    old = [known[place] for one in addressees for place in _places(one) if place in known]
    new = [one for one in addressees if not known.keys() & _places(one)]
    if recalled := [one.login for one in old if one.state == Recipient.State.RECALLED]:
        raise RecipientRecalled(logins=recalled)
    most = quotas_of(peer.tenant.id).recipients_max
    if len(recipients) + len(new) > most:
        raise TooManyRecipients(limit=most)
    again = [one for one in old if one.state == Recipient.State.REFUSED]
    Recipient.objects.filter(id__in=[one.id for one in again]).update(state=Recipient.State.WAITING)
    return [*recipients_create(message, new), *again]


def _places(one: Recipient | Addressee) -> set[UUID | bytes]:
    """By what a recipient is known: a guest who has enrolled by an address and as a user."""
    return {place for place in (one.user_id, one.mailbox_id, bytes(one.address_index)) if place}


def _rules_check(peer: Peer, message: Message, addressees: Sequence[Addressee], added: list[Recipient]) -> None:
    """What would be asked if it was sent to them now. PolicyRefused, SandboxMissing.

    Where somebody allows fewer downloads than the message has, these get the fewer.
    """
    _steps_check(message)
    parties = parties_of(peer.tenant, [one.tenant for one in addressees if one.tenant])
    left = message.expires_at - timezone.now()
    days_check(parties, -(-left // timedelta(days=1)), done="changed")
    documents = list(message.documents.all())
    for document in documents:
        name_check(parties, document.name)
        size_check(parties, document.size)
    try:
        documents_judge(message, added, map(item_original, documents))
    except Stopped as stop:
        whose = stop.objection.get("recipient")
        organisation = next((one.organisation for one in added if str(one.id) == whose), "")
        sentence = objection_sentence(stop.code, stop.objection, organisation)
        raise PolicyRefused(sentence, policy=stop.objection["policy"], set_by=stop.objection["set_by"]) from stop
    message.downloads_most = fewer(message.downloads_most, parties.effective.downloads_most)
    message.save(update_fields=["downloads_most"])


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
