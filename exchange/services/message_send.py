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
from accounts.rules import quotas_of
from accounts.services import event_record, tenant_open_check
from exchange.errors import ExpiryInvalid, RecipientsMissing, TooManyFiles, UploadIncomplete
from exchange.models import Document, Message, PipelineVersion, Recipient, Upload
from exchange.services.job_create import job_create
from exchange.services.limits import note_check, subject_check
from exchange.services.mandatory import steps_chosen
from exchange.services.outbox import outbox_show
from exchange.services.pipelines import pipeline_version
from exchange.services.policy_check import Parties, days_check, name_check, parties_of, size_check
from exchange.services.recipients import Addressee, person_addressee, recipients_find
from exchange.services.step_items import items_parse


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
    pipeline: UUID | None = None,
    expires_days: int | None = None,
    downloads_most: int | None = None,
) -> dict[str, Any]:
    """Send; the same key again answers the same message. Returns the outbox detail.

    The steps of a saved `pipeline` come first. Without `expires_days` it is the policy's; of `downloads_most` and the
    policy's the fewer hold. Raises the errors of docs/protocol.md section 11; none of them has changed anything.
    """
    with scope(tenant=peer.tenant):
        sent = Message.objects.filter(sender=peer.user, key=key).first()
        if sent is None:
            tenant_open_check(peer)
            subject, note = subject_check(subject), note_check(note)
            addressees = _addressees(peer, recipients, to_self)
            parties, quotas = (
                parties_of(peer.tenant, [one.tenant for one in addressees if one.tenant]),
                quotas_of(peer.tenant.id),
            )
            policy = parties.effective
            version, saved = pipeline_version(pipeline_id=pipeline) if pipeline else (None, [])
            chosen = steps_chosen(policy, [*saved, *items_parse(steps)], documents=bool(uploads))
            days = policy.expires_days_default if expires_days is None else expires_days
            if days < 1:
                raise ExpiryInvalid(limit=policy.expires_days_most)
            days_check(parties, days)
            if len(uploads) > quotas.files_max:
                raise TooManyFiles(limit=quotas.files_max)
            with transaction.atomic():
                given: dict[str, Any] = {
                    "key": key,
                    "subject": subject,
                    "note": note,
                    "steps": chosen,
                    "pipeline": version,
                    "expires_days": days,
                }
                sent = _message(peer, **given, downloads_most=fewer(downloads_most, policy.downloads_most))
                if sent is not None:
                    documents_take(peer, sent, uploads, parties)
                    recipients_create(sent, addressees)
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


def fewer(*counts: int | None) -> int | None:
    """The least of several limits, of which each may be none."""
    return min((count for count in counts if count is not None), default=None)


def _message(
    peer: Peer,
    *,
    key: UUID,
    subject: str,
    note: str,
    steps: list[dict[str, Any]],
    pipeline: PipelineVersion | None,
    expires_days: int,
    downloads_most: int | None,
) -> Message | None:
    """The row; None where the same key came in at the same time."""
    now = timezone.now()
    message = Message(tenant=peer.tenant, sender=peer.user, key=key, sent_at=now, downloads_most=downloads_most)
    message.pipeline = pipeline
    message.expires_at = now + timedelta(days=expires_days)
    message.subject, message.note, message.steps = subject, note, json.dumps(steps)
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        return None
    return message


def documents_take(peer: Peer, message: Message, uploads: Sequence[UUID], parties: Parties) -> None:
    """Turn complete uploads into documents, each once. UploadIncomplete, PolicyRefused.

    The caller holds the scope and a transaction.
    """
    mine = Upload.objects.select_for_update().filter(user=peer.user, id__in=uploads, state=Upload.State.COMPLETE)
    found = {upload.id: upload for upload in mine.filter(expires_at__gt=timezone.now()).order_by("id")}
    if len(found) != len(uploads):
        raise UploadIncomplete
    for position, upload_id in enumerate(uploads):
        upload = found[upload_id]
        if upload.object is None:  # an upload has none only between its row and its file
            raise UploadIncomplete
        name_check(parties, upload.name)
        size_check(parties, upload.size)
        document = Document(
            tenant=peer.tenant, message=message, object=upload.object, size=upload.size, position=position
        )
        document.name, document.media_type = upload.name, upload.media_type
        document.save(force_insert=True)
    Upload.objects.filter(id__in=found).update(state=Upload.State.USED)


def recipients_create(message: Message, addressees: Sequence[Addressee]) -> list[Recipient]:
    """Rows that wait for the message's job. The caller holds the scope and a transaction."""
    rows = []
    for one in addressees:
        row = Recipient(tenant_id=message.tenant_id, message=message, user_id=one.user_id, mailbox_id=one.mailbox_id)
        row.address_index = one.address_index
        row.login, row.name, row.organisation = one.login, one.name, one.tenant.name if one.tenant else ""
        rows.append(row)
    created: list[Recipient] = Recipient.objects.bulk_create(rows)
    return created


def _job(peer: Peer, message: Message, documents: int) -> None:
    job_create(message)
    event_record(
        tenant_id=peer.tenant.id,
        actor=peer.user,
        action="message.sent",
        subject=message.id,
        details={"documents": documents},
    )
