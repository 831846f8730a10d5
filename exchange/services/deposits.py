"""Deposits, for the outsider who makes one: what may be sent, the sending, and how far it came.

Everybody who was given a link and its passphrase signs in as the same user. They are told apart by their sessions: only
the one that made a deposit may ask after it.
"""

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from django_scopes import scope

from accounts.peer import Peer
from accounts.rules import quotas_of
from accounts.services import address_mailable, event_record
from exchange.errors import (
    HELD_SENTENCES,
    DepositTooManyFiles,
    NotFound,
    RequestClosed,
    RequestFull,
    RequestInvalid,
    RequestTooLarge,
)
from exchange.models import Mailbox, Message, Recipient
from exchange.services.deposit_receipt import receipt_make
from exchange.services.deposit_room import request_open_check, request_signed_in
from exchange.services.job_create import job_create
from exchange.services.limits import note_check
from exchange.services.mandatory import steps_chosen
from exchange.services.message_send import documents_take
from exchange.services.policy_check import parties_of
from exchange.services.shapes import moment
from sealpost.protocol.content import PART

NAME_MOST, EMAIL_MOST = 120, 254
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def deposit_place(*, peer: Peer) -> dict[str, Any]:
    """Who asks for what, what is left of it, and what this session has deposited."""
    with scope(tenant=peer.tenant):
        row = request_signed_in(peer)
        try:
            request_open_check(peer, row)
            state = "open"
        except (RequestClosed, RequestFull) as error:
            state = "full" if isinstance(error, RequestFull) else "closed"
        mine = Message.objects.filter(sender=peer.user, session_id=peer.session_id).order_by("sent_at")
        return {
            "id": str(row.id),
            "organisation": peer.tenant.name,
            "title": row.title,
            "note": row.note,
            "state": state,
            "expires_at": moment(row.expires_at),
            "deposits_left": max(row.deposits_most - row.deposits, 0),
            "files_most": row.files_most,
            "bytes_most": row.bytes_most,
            "upload_max": min(quotas_of(peer.tenant.id).upload_max, row.bytes_most),
            "part_size": PART,
            "deposits": [str(message.id) for message in mine],
        }


def deposit_create(
    *, peer: Peer, key: UUID, name: str, email: str, note: str, uploads: Sequence[UUID]
) -> dict[str, Any]:
    """Send what was uploaded into the request's mailbox; the same key again answers the same deposit.

    RequestInvalid, FieldTooLong, RequestClosed, RequestFull, RequestTooLarge, TooManyFiles, UploadIncomplete. None of
    them has changed anything.
    """
    named, note = _depositor(name, email), note_check(note)
    with scope(tenant=peer.tenant):
        sent = Message.objects.filter(sender=peer.user, key=key).first()
        if sent is None:
            try:
                with transaction.atomic():
                    sent = _send(peer, key=key, named=named, note=note, uploads=uploads)
            except IntegrityError:  # the same key at the same time
                sent = Message.objects.get(sender=peer.user, key=key)
        return deposit_show(peer=peer, deposit_id=sent.id)


def _depositor(name: str, email: str) -> dict[str, str]:
    """What an outsider calls themselves: one line each, and no more checked than that. RequestInvalid."""
    name, email = (" ".join(_CONTROL.sub(" ", text).split()) for text in (name, email))
    if not 1 <= len(name) <= NAME_MOST:
        raise RequestInvalid(field="name", limit=NAME_MOST)
    if email and not (len(email) <= EMAIL_MOST and address_mailable(email)):
        raise RequestInvalid(field="email", limit=EMAIL_MOST)
    return {"name": name, "email": email}


def _send(peer: Peer, *, key: UUID, named: dict[str, str], note: str, uploads: Sequence[UUID]) -> Message:
    """Under the request's lock: of two deposits at once at the last place, one is refused."""
    row = request_signed_in(peer, lock=True)
    request_open_check(peer, row)
    if not uploads:
        raise RequestInvalid(field="uploads", limit=row.files_most)
    if len(uploads) > row.files_most:
        raise DepositTooManyFiles(limit=row.files_most)
    parties, now = parties_of(peer.tenant, outsider=True), timezone.now()
    policy = parties.effective
    message = Message(tenant=peer.tenant, sender=peer.user, key=key, session_id=peer.session_id, sent_at=now)
    message.expires_at = now + timedelta(days=policy.expires_days_default)
    message.downloads_most = policy.downloads_most
    message.subject, message.note = row.title, note
    message.steps = json.dumps(steps_chosen(policy, [], documents=True))
    message.depositor = json.dumps(named)
    message.save(force_insert=True)
    documents_take(peer, message, uploads, parties)
    if message.documents.aggregate(bytes=Sum("size", default=0))["bytes"] > row.bytes_most:
        raise RequestTooLarge(limit=row.bytes_most)
    _recipient(peer, message, row.mailbox)
    row.deposits += 1
    row.save(update_fields=["deposits"])
    job_create(message)
    details = {"request": str(row.id), "number": row.deposits, "documents": len(uploads)}
    event_record(
        tenant_id=peer.tenant.id, actor=peer.user, action="request.deposited", subject=message.id, details=details
    )
    return message


def _recipient(peer: Peer, message: Message, mailbox: Mailbox) -> None:
    recipient = Recipient(tenant=peer.tenant, message=message, mailbox_id=mailbox.id)
    recipient.login, recipient.name, recipient.organisation = mailbox.address, mailbox.name, peer.tenant.name
    recipient.save(force_insert=True)


def deposit_show(*, peer: Peer, deposit_id: UUID) -> dict[str, Any]:
    """How far a deposit of this session came; with a receipt once it has arrived. NotFound."""
    with scope(tenant=peer.tenant):
        rows = Message.objects.select_related("job").prefetch_related("documents", "recipients")
        message = rows.filter(id=deposit_id, sender=peer.user, session_id=peer.session_id).first()
        if message is None:
            raise NotFound
        before = Message.objects.filter(sender=peer.user, sent_at__lt=message.sent_at).count()
        arrived = message.recipients.all()[0].delivered_at
        shown = {
            "id": str(message.id),
            "number": before + 1,
            "at": moment(message.sent_at),
            "state": _state(message, arrived is not None),
            "position": message.job.position,
            "of": message.job.of,
            "detail": HELD_SENTENCES.get(message.job.code, ""),
            "documents": [
                {"name": row.name, "size": row.size, "sha256": row.sha256, "verdict": row.verdict}
                for row in message.documents.all()
            ],
        }
        request, organisation = request_signed_in(peer), peer.tenant.name
        receipt = receipt_make(request=request.id, organisation=organisation, arrived=arrived, deposit=shown)
        return shown | {"receipt": receipt}


def _state(message: Message, arrived: bool) -> str:
    if arrived:
        return "delivered"
    if message.state == Message.State.PROCESSING:
        return "delivering" if message.job.step == "deliver" else "checking"
    return "held"
