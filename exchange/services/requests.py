"""File requests, for those whose mailbox they fill: made, listed, closed, extended, expired."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import User
from accounts.peer import Peer
from accounts.rules import policy_of, quotas_of
from accounts.services import (
    depositor_create,
    depositor_keys,
    depositor_retire,
    event_record,
    tenant_open_check,
)
from exchange.errors import NotFound, RequestClosed, RequestInvalid
from exchange.models import FileRequest, Mailbox, MailboxMember, Message
from exchange.services.across_tenants import mailbox_of
from exchange.services.limits import SUBJECT_MOST, note_check
from exchange.services.paging import page
from exchange.services.shapes import held_detail, moment

DEPOSITS_MOST, _BYTES_MOST = 1000, 1 << 60
_AT_ONCE = 500


def mailbox_shape(mailbox: Mailbox) -> dict[str, str]:
    """Which mailbox: a shared one by its own address, a person's by theirs."""
    owner = mailbox.user
    return {
        "id": str(mailbox.id),
        "address": mailbox.address or (owner.login if owner else ""),
        "name": mailbox.name or (owner.name if owner else ""),
    }


def request_shape(row: FileRequest) -> dict[str, Any]:
    """A file request as those see it whose mailbox it fills; never its passphrase."""
    open_ = row.state == FileRequest.State.OPEN
    return {
        "id": str(row.id),
        "title": row.title,
        "note": row.note,
        "mailbox": mailbox_shape(row.mailbox),
        "made_by": row.made_by.name,
        "state": "expired" if open_ and row.expires_at <= timezone.now() else row.state,
        "link": f"{settings.SEALPOST_ADDRESS}/request#{row.id}",
        "created_at": moment(row.created_at),
        "expires_at": moment(row.expires_at),
        "closed_at": moment(row.closed_at),
        "deposits": row.deposits,
        "deposits_most": row.deposits_most,
        "files_most": row.files_most,
        "bytes_most": row.bytes_most,
    }


def request_create(
    *,
    peer: Peer,
    title: str,
    note: str,
    mailbox: UUID | None,
    expires_days: int,
    deposits_most: int,
    files_most: int,
    bytes_most: int,
) -> dict[str, Any]:
    """Make a link into a mailbox of one's own or that one is a member of; with the passphrase, shown this once.

    RequestInvalid with `field` and `limit`, FieldTooLong, NotFound for a mailbox of others, TenantClosing.
    """
    tenant_open_check(peer)
    title, note = " ".join(title.split()), note_check(note)
    policy, quotas = policy_of(peer.tenant.id), quotas_of(peer.tenant.id)
    _within("title", len(title), SUBJECT_MOST)
    _within("expires_days", expires_days, policy.expires_days_most)
    _within("deposits_most", deposits_most, DEPOSITS_MOST)
    _within("files_most", files_most, quotas.files_max)
    _within("bytes_most", bytes_most, min(quotas.upload_max * files_most, _BYTES_MOST))
    with scope(tenant=peer.tenant):
        _mailbox(peer, mailbox)  # refused before the passphrase costs anything
        passphrase, keys = depositor_keys()
        with transaction.atomic():
            row = FileRequest(tenant=peer.tenant, id=uuid4(), made_by=peer.user)
            row.mailbox = _mailbox(peer, mailbox)
            row.depositor = depositor_create(tenant=peer.tenant, request_id=row.id, keys=keys)
            row.title, row.note = title, note
            row.expires_at = timezone.now() + timedelta(days=expires_days)
            row.deposits_most, row.files_most, row.bytes_most = deposits_most, files_most, bytes_most
            row.save(force_insert=True)
            details = {"mailbox": str(row.mailbox_id), "deposits": deposits_most}
            event_record(
                tenant_id=peer.tenant.id, actor=peer.user, action="request.created", subject=row.id, details=details
            )
        return request_shape(row) | {"passphrase": passphrase}


def _within(field: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise RequestInvalid(field=field, limit=most)


def _mailbox(peer: Peer, mailbox: UUID | None) -> Mailbox:
    if mailbox is None:
        return mailbox_of(peer.user)
    rows = Mailbox.objects.select_related("user").filter(id=mailbox, members__user=peer.user, state=Mailbox.State.OPEN)
    if (found := rows.first()) is None:
        raise NotFound
    return found


def mailboxes_for_requests(*, peer: Peer) -> list[dict[str, str]]:
    """Mailboxes that a request of this person may fill, beside their own."""
    with scope(tenant=peer.tenant):
        rows = MailboxMember.objects.select_related("mailbox__user").filter(user=peer.user)
        rows = rows.filter(mailbox__state=Mailbox.State.OPEN).exclude(mailbox__user=peer.user)
        return [mailbox_shape(row.mailbox) for row in rows.order_by("created_at")]


def _mine(peer: Peer) -> QuerySet[FileRequest]:
    """Those into mailboxes that one is a member of, whoever made them."""
    members = MailboxMember.objects.filter(user=peer.user).values("mailbox_id")
    rows: QuerySet[FileRequest] = FileRequest.objects.select_related("mailbox__user", "made_by", "depositor")
    return rows.filter(mailbox_id__in=members)


def request_list(*, peer: Peer, before: str | None = None) -> dict[str, Any]:
    """A page of requests, newest first; one query."""
    with scope(tenant=peer.tenant):
        rows, following = page(_mine(peer), before=before, by="created_at")
        return {"requests": [request_shape(row) for row in rows], "next": following}


def request_show(*, peer: Peer, request_id: UUID) -> dict[str, Any]:
    """One request and its deposits, the newest 50. NotFound."""
    with scope(tenant=peer.tenant):
        row = request_find(peer=peer, request_id=request_id)
        made = Message.objects.filter(sender=row.depositor).select_related("job").prefetch_related("recipients")
        first = row.deposits
        deposits = [
            {
                "id": str(message.id),
                "number": first - at,
                "depositor": json.loads(message.depositor),
                "at": moment(message.sent_at),
                "state": message.state,
                "code": message.job.code,
                "detail": held_detail(message.job, message.recipients.all()),
            }
            for at, message in enumerate(made.order_by("-sent_at", "-id")[:50])
        ]
        return request_shape(row) | {"received": deposits}


def request_find(*, peer: Peer, request_id: UUID, lock: bool = False) -> FileRequest:
    """A request into a mailbox that the user is a member of. NotFound. The caller holds the scope."""
    rows = _mine(peer).filter(id=request_id)
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if row is None:
        raise NotFound
    return row


def request_close(*, peer: Peer, request_id: UUID) -> dict[str, Any]:
    """End a request: nobody signs in by it from now on. Again without harm. NotFound."""
    with scope(tenant=peer.tenant):
        with transaction.atomic():
            row = request_find(peer=peer, request_id=request_id, lock=True)
            _close(row, actor=peer.user, action="request.closed")
        return request_show(peer=peer, request_id=request_id)


def request_extend(*, peer: Peer, request_id: UUID, expires_days: int) -> dict[str, Any]:
    """Let an open request end so many days from now. NotFound, RequestClosed, RequestInvalid."""
    _within("expires_days", expires_days, policy_of(peer.tenant.id).expires_days_most)
    with scope(tenant=peer.tenant):
        with transaction.atomic():
            row = request_find(peer=peer, request_id=request_id, lock=True)
            if row.state != FileRequest.State.OPEN:
                raise RequestClosed
            row.expires_at = timezone.now() + timedelta(days=expires_days)
            row.save(update_fields=["expires_at"])
            details = {"days": expires_days}
            event_record(
                tenant_id=peer.tenant.id, actor=peer.user, action="request.extended", subject=row.id, details=details
            )
        return request_show(peer=peer, request_id=request_id)


def _close(row: FileRequest, *, actor: User | None, action: str) -> bool:
    """The caller holds the scope, a transaction and the row's lock."""
    if row.state != FileRequest.State.OPEN:
        return False
    row.state, row.closed_at = FileRequest.State.CLOSED, timezone.now()
    row.save(update_fields=["state", "closed_at"])
    depositor_retire(row.depositor)
    event_record(tenant_id=row.tenant_id, actor=actor, action=action, subject=row.id)
    return True


def requests_expire() -> int:
    """Close what has reached its end, in every tenant; how many."""
    with scopes_disabled():
        due = FileRequest.objects.filter(state=FileRequest.State.OPEN, expires_at__lte=timezone.now())
        found = list(due.values_list("id", flat=True)[:_AT_ONCE])
    return sum(_expire(request_id) for request_id in found)


@transaction.atomic
def _expire(request_id: UUID) -> int:
    with scopes_disabled():
        rows = FileRequest.objects.select_related("tenant", "depositor").select_for_update(of=("self",))
        row = rows.filter(id=request_id, expires_at__lte=timezone.now()).first()
    if row is None:  # extended meanwhile
        return 0
    with scope(tenant=row.tenant):
        return int(_close(row, actor=None, action="request.expired"))
