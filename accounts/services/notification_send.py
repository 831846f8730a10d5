"""What is owed goes out: each mail under a lease, so that it is sent once, and again only where nobody knows if it was.

SMTP cannot say "exactly once": who crashes between the server's yes and our note of it sends again, under the same
Message-ID, by which receivers know the repetition.
"""

import json
import logging
import smtplib
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.mail import MailRefused, mail_sender
from accounts.models import Notification, Tenant
from accounts.notification_text import digest_text, mail_text
from accounts.notifications import EVENTS
from sealpost.errors import SealpostError

_AT_ONCE = 200
_LEASE = timedelta(minutes=2)
_WAITS = (60, 300, 900, 3600, 4 * 3600)  # seconds after each failure; the last one again and again
_LIFE = timedelta(days=3)
_PERMANENT = 500
State = Notification.State
_log = logging.getLogger("sealpost.mail")


def notifications_send() -> int:
    """Send every mail that is due; how many went out. What a suspended organisation's people are owed waits with it."""
    with scopes_disabled():
        due = _due().exclude(user__isnull=False, tenant__state=Tenant.State.SUSPENDED).order_by("run_after", "id")
        ids = list(due.values_list("id", flat=True)[:_AT_ONCE])
    return sum(_send(notification_id) for notification_id in ids)


def _due() -> QuerySet[Notification]:
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    return Notification.objects.filter(free, state=State.WAITING, run_after__lte=now)


def _take(notification_id: UUID) -> list[Notification]:
    """The mail's rows under a lease: one, or everything of its person's digest; none where another has it."""
    with scopes_disabled():
        due = _due()
        first = due.filter(id=notification_id).first()
        if first is None:
            return []
        of_digest = due.filter(tenant_id=first.tenant_id, user=first.user, digest=True)
        wanted = list(of_digest.order_by("id")) if first.digest else [first]
        taken = [row.id for row in wanted if _lease(row)]
        rows = Notification.objects.select_related("tenant", "user__tenant").filter(id__in=taken)
        return list(rows.order_by("created_at", "id"))


def _lease(row: Notification) -> bool:
    mine = Notification.objects.filter(id=row.id, fence=row.fence, state=State.WAITING)
    changed = mine.update(fence=F("fence") + 1, attempts=F("attempts") + 1, lease_until=timezone.now() + _LEASE)
    return bool(changed)


def _send(notification_id: UUID) -> int:
    taken = _take(notification_id)
    if not taken:
        return 0
    with scope(tenant=taken[0].tenant):
        rows = [row for row in taken if row.user is None or EVENTS[row.event].concerns(row.user)]
        _end([row for row in taken if row not in rows], State.DROPPED)  # roles may have changed since
        if not rows:
            return 0
        try:
            sent = _leave(rows)
        except MailRefused:
            _end(rows, State.FAILED)
        except (OSError, smtplib.SMTPException) as error:
            _again(rows, error)
        except SealpostError:  # the organisation's keys are gone, and what it owed with them
            _end(rows, State.DROPPED)
        else:
            _end(rows, State.SENT if sent else State.DROPPED)
            return int(sent)
    return 0


def _leave(rows: list[Notification]) -> bool:
    """Give the mail away; False where there is nobody any more to give it to."""
    first = rows[0]
    to = first.address or (first.user.login if first.user else "")
    if not to:
        return False
    language = first.language or (first.user.language if first.user else "") or first.tenant.language
    if first.digest:
        subject, text = digest_text([(row.event, json.loads(row.context)) for row in rows], language=language)
    else:
        subject, text = mail_text(first.event, json.loads(first.context), language=language)
    sender = mail_sender(settings.SEALPOST_SMTP_URL, settings.SEALPOST_MAIL_FOLDER)
    try:
        sender.send(name=str(first.id), to=to, subject=subject, text=text)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise MailRefused from error if code >= _PERMANENT else OSError(code)
    return True


def _end(rows: list[Notification], state: str) -> None:
    """Note the end under each row's fence."""
    for row in rows:
        mine = Notification.objects.filter(id=row.id, fence=row.fence)
        mine.update(state=state, lease_until=None, sent_at=timezone.now() if state == State.SENT else None)
    if state == State.FAILED:
        _log.error("mail %s: refused by the mail server for good", rows[0].id)


def _again(rows: list[Notification], error: Exception) -> None:
    """Later, for three days."""
    first = rows[0]
    _log.warning("mail %s: %s; tried again later", first.id, type(error).__name__)
    if timezone.now() - first.created_at > _LIFE:
        _end(rows, State.FAILED)
        return
    wait = timedelta(seconds=_WAITS[min(first.attempts, len(_WAITS)) - 1])
    for row in rows:
        mine = Notification.objects.filter(id=row.id, fence=row.fence)
        mine.update(lease_until=None, run_after=timezone.now() + wait)
