"""The transactional outbox of e-mail: what is owed is written with what it tells of, and sent afterwards."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.errors import NotificationInvalid
from accounts.models import Notification, NotificationPreference, Tenant, User
from accounts.notifications import CHOICES, EVENTS, Mode
from accounts.peer import Peer


def notify(
    *,
    event: str,
    tenant: Tenant,
    key: str,
    user: User | None = None,
    address: str = "",
    context: Mapping[str, str] | None = None,
    language: str = "",
) -> None:
    """Owe somebody a mail: a user, or an address without one. `key` makes one of repeated calls.

    `context` holds links, dates and the organisation's name, never content. The caller holds the tenant's scope and the
    transaction of what is told. Who wants no mail of this event, or whom it does not concern, is owed none.
    """
    if user and not EVENTS[event].concerns(user):
        return
    mode = _mode(event, user)
    if mode == Mode.OFF or (user and user.role == User.Role.DEPOSITOR):  # behind a request stands no address
        return
    digest = mode == Mode.DIGEST
    due = _digest_time(timezone.now()) if digest else timezone.now()
    row = Notification(tenant=tenant, key=key, event=event, user=user, language=language, run_after=due, digest=digest)
    row.address, row.context = address, json.dumps(dict(context or {}), sort_keys=True)
    Notification.objects.bulk_create([row], ignore_conflicts=True)


def _mode(event: str, user: User | None) -> str:
    known = EVENTS[event]
    if user is None or not known.title:
        return Mode.AT_ONCE
    chosen = NotificationPreference.objects.filter(user=user, event=event).values_list("mode", flat=True).first()
    return chosen or known.mode


def _digest_time(now: datetime) -> datetime:
    """The next time of the day at which digests go out, in UTC."""
    due = now.replace(hour=settings.SEALPOST_DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return due if due > now else due + timedelta(days=1)


def notification_preferences(*, peer: Peer) -> list[dict[str, Any]]:
    """Every event that concerns this person and can be chosen, and how they hear of it; one query."""
    with scope(tenant=peer.tenant):
        chosen = dict(NotificationPreference.objects.filter(user=peer.user).values_list("event", "mode"))
    return [
        {"event": event.name, "title": event.title, "mode": chosen.get(event.name, event.mode.value)}
        for event in CHOICES
        if event.concerns(peer.user)
    ]


@transaction.atomic
def notification_prefer(*, peer: Peer, modes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Choose how to hear of events: at_once, digest or off. NotificationInvalid for what is none that can be chosen."""
    if not set(modes) <= {event.name for event in CHOICES} or not set(modes.values()) <= set(Mode.values):
        raise NotificationInvalid
    with scope(tenant=peer.tenant):
        for event, mode in modes.items():
            NotificationPreference.objects.update_or_create(
                user=peer.user, event=event, defaults={"tenant": peer.tenant, "mode": mode}
            )
    return notification_preferences(peer=peer)
