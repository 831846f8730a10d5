"""Sending: everything is checked first, then written at once, then the work is queued."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_scopes import scope

from accounts.peer import Peer
from accounts.rules import policy_of, quotas_of
from accounts.services import event_record, tenant_open_check
from exchange.errors import ExpiryInvalid, RecipientsMissing, TooManyFiles, UploadIncomplete
from exchange.models import Document, Job, Message, Recipient, Upload
from exchange.queue import job_queue
from exchange.sandbox import sandbox_missing
from exchange.services.limits import note_check, subject_check
from exchange.services.outbox import outbox_show
from exchange.services.recipients import Addressee, person_addressee, recipients_find
from exchange.steps.base import SandboxMissing
from exchange.steps.registry import step_parse


def message_send(
    *,
    peer: Peer,
    key: UUID,
    subject: str,
    note: str,
    recipients: Sequence[str],
    to_self: bool,
    uploads: Sequence[UUID],
    steps: Sequence[dict[str, Any]],
    expires_days: int,
) -> dict[str, Any]:
    """Send; the same key again answers the same message. Returns the outbox detail.

    Raises the errors of docs/protocol.md section 11; none of them has changed anything.
    """
    with scope(tenant=peer.tenant):
        sent = Message.objects.filter(sender=peer.user, key=key).first()
        if sent is None:
            tenant_open_check(peer)
            subject, note = subject_check(subject), note_check(note)
            addressees = _addressees(peer, recipients, to_self)
            policy, quotas = policy_of(peer.tenant.id), quotas_of(peer.tenant.id)
            chosen = _steps(steps)
            if not 1 <= expires_days <= policy.expires_days_most:
                raise ExpiryInvalid(limit=policy.expires_days_most)
            if len(uploads) > quotas.files_max:
                raise TooManyFiles(limit=quotas.files_max)
            with transaction.atomic():
                sent = _message(peer, key=key, subject=subject, note=note, steps=chosen, expires_days=expires_days)
                if sent is not None:
                    _documents(peer, sent, uploads)
                    _recipients(sent, addressees)
                    _job(peer, sent, len(uploads))
            sent = sent or Message.objects.get(sender=peer.user, key=key)
    return outbox_show(peer=peer, message_id=sent.id)


def _addressees(peer: Peer, recipients: Sequence[str], to_self: bool) -> list[Addressee]:
    found = recipients_find(peer=peer, logins=recipients)
    if to_self and peer.user.id not in {one.user_id for one in found}:
        found.append(person_addressee(peer.user))
    if not found:
        raise RecipientsMissing
    return found


def _steps(steps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    chosen = [step_parse(item["step"], item["parameters"]) for item in steps]
    if chosen and (reason := sandbox_missing()):
        raise SandboxMissing(
            f"This server cannot process documents yet ({reason}). Nothing was sent; send without steps."
        )
    return [{"step": step.name, "parameters": step.model_dump(mode="json")} for step in chosen]


def _message(
    peer: Peer, *, key: UUID, subject: str, note: str, steps: list[dict[str, Any]], expires_days: int
) -> Message | None:
    """The row; None where the same key came in at the same time."""
    now = timezone.now()
    message = Message(tenant=peer.tenant, sender=peer.user, key=key, sent_at=now)
    message.expires_at = now + timedelta(days=expires_days)
    message.subject, message.note, message.steps = subject, note, json.dumps(steps)
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        return None
    return message


def _documents(peer: Peer, message: Message, uploads: Sequence[UUID]) -> None:
    """Turn complete uploads into documents, each once. UploadIncomplete."""
    mine = Upload.objects.select_for_update().filter(user=peer.user, id__in=uploads, state=Upload.State.COMPLETE)
    found = {upload.id: upload for upload in mine.filter(expires_at__gt=timezone.now()).order_by("id")}
    if len(found) != len(uploads):
        raise UploadIncomplete
    for position, upload_id in enumerate(uploads):
        upload = found[upload_id]
        if upload.object is None:  # an upload has none only between its row and its file
            raise UploadIncomplete
        document = Document(
            tenant=peer.tenant, message=message, object=upload.object, size=upload.size, position=position
        )
        document.name, document.media_type = upload.name, upload.media_type
        document.save(force_insert=True)
    Upload.objects.filter(id__in=found).update(state=Upload.State.USED)


def _recipients(message: Message, addressees: Sequence[Addressee]) -> None:
    rows = []
    for one in addressees:
        row = Recipient(tenant_id=message.tenant_id, message=message, user_id=one.user_id, mailbox_id=one.mailbox_id)
        row.login, row.name, row.organisation = one.login, one.name, one.tenant.name
        rows.append(row)
    Recipient.objects.bulk_create(rows)


def _job(peer: Peer, message: Message, documents: int) -> None:
    job = Job.objects.create(tenant=peer.tenant, message=message, run_after=timezone.now())
    event_record(
        tenant_id=peer.tenant.id,
        actor=peer.user,
        action="message.sent",
        subject=message.id,
        details={"documents": documents},
    )
    transaction.on_commit(lambda: job_queue(job.id))
