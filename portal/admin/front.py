"""The few figures that say whether it is well. Numbers of all organisations together, no row of anybody."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import AuditEvent, Notification, Tenant
from exchange.admin.jobs import age_said
from exchange.admin.switches import off_said
from exchange.selectors import Waiting, jobs_waiting, queue_depths
from vault.services import stored_usage

DAYS = 14
_WIDTH, _HEIGHT, _GAP = 168, 40, 2
_SLOW_MS = 250
# Charts by the event that they count.
_CHARTS = {
    "session.opened": "Sign-ins",
    "message.sent": "Messages sent",
    "delivery.created": "Deliveries",
    "message.held": "Messages held",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of a chart, as attributes of a rectangle."""

    x: float
    y: float
    width: float
    height: float
    day: date
    count: int


@dataclass(frozen=True, slots=True)
class Chart:
    """The last days of one event; `words` say the same as the bars."""

    title: str
    today: int
    most: int
    bars: Sequence[Bar]
    words: str
    width: int = _WIDTH
    height: int = _HEIGHT


def front() -> dict[str, Any]:
    """What the front page shows: seven queries, two looks at the cache, one at the broker."""
    states = jobs_waiting()
    objects, stored = stored_usage()
    return {
        "checks": [_database(), _cache(), _broker()],
        "off": off_said(),
        "organisations": _organisations(),
        "jobs": {state: _waiting(found) for state, found in states.items()},
        "mails": _mails(),
        "objects": objects,
        "stored": stored,
        "charts": _charts(),
    }


def _waiting(found: Waiting) -> dict[str, Any]:
    return {"count": found.count, "age": age_said(timezone.now() - found.oldest) if found.oldest else ""}


def _organisations() -> list[tuple[str, int]]:
    rows = Tenant.objects.filter(kind=Tenant.Kind.ORGANISATION).order_by().values_list("state")
    counted = dict(rows.annotate(count=Count("id")))
    return [(state.value, counted.get(state, 0)) for state in Tenant.State]


def _mails() -> dict[str, int]:
    waiting = Q(state=Notification.State.WAITING)
    return Notification.objects.aggregate(
        waiting=Count("id", filter=waiting),
        failing=Count("id", filter=waiting & Q(attempts__gt=0)),
        failed=Count("id", filter=Q(state=Notification.State.FAILED)),
    )


def _charts() -> list[Chart]:
    """Of every event that is charted, its days; one query."""
    today = timezone.now().date()
    days = [today - timedelta(days=before) for before in reversed(range(DAYS))]
    since = datetime.combine(days[0], datetime.min.time(), tzinfo=timezone.get_current_timezone())
    rows = AuditEvent.objects.filter(at__gte=since, action__in=_CHARTS).order_by()
    counted = rows.annotate(day=TruncDate("at")).values_list("action", "day").annotate(count=Count("id"))
    found = {(action, day): count for action, day, count in counted}
    return [_chart(title, [(day, found.get((action, day), 0)) for day in days]) for action, title in _CHARTS.items()]


def _chart(title: str, days: Sequence[tuple[date, int]]) -> Chart:
    most = max(count for _, count in days)
    width = (_WIDTH - _GAP * (len(days) - 1)) / len(days)
    bars = []
    for number, (day, count) in enumerate(days):
        height = max(round(count / most * _HEIGHT, 1), 1.5) if count else 1.0
        x = round(number * (width + _GAP), 2)
        bars.append(Bar(x, round(_HEIGHT - height, 2), round(width, 2), height, day, count))
    words = ", ".join(f"{day:%-d %b}: {count}" for day, count in days)
    return Chart(title, days[-1][1], most, bars, words)


def _database() -> dict[str, Any]:
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return _answered("Database", began)


def _cache() -> dict[str, Any]:
    began = time.monotonic()
    try:
        cache.set("operator-check", 1, 10)
        told = cache.get("operator-check") == 1
    except (RedisError, OSError):
        told = False
    return _answered("Cache", began) if told else _silent("Cache")


def _broker() -> dict[str, Any]:
    began = time.monotonic()
    depths = queue_depths()
    if None in depths.values():
        return _silent("Queue")
    return _answered("Queue", began) | {"depths": depths}


def _answered(name: str, began: float) -> dict[str, Any]:
    took = round((time.monotonic() - began) * 1000)
    return {"name": name, "state": "slow" if took > _SLOW_MS else "answers", "took": took}


def _silent(name: str) -> dict[str, Any]:
    return {"name": name, "state": "silent", "took": None}
