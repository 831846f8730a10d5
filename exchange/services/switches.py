"""Operators drain the workers, or switch one step off everywhere, and on again."""

import logging
from contextlib import suppress
from uuid import UUID

from django_scopes import scopes_disabled

from exchange.errors import JobNotHeld, NotFound, SwitchUnknown
from exchange.models import Job, Switch
from exchange.services.job_control import job_retry_operator, jobs_sweep
from exchange.services.job_lease import DRAINED, STEP_OFF
from exchange.steps.base import registered
from exchange.switched import JOBS, step_switch

_log = logging.getLogger("sealpost.operators")


def switch_off(*, name: str, operator: str) -> None:
    """`jobs`: workers take no further job and end those they have. `step:NAME`: no message is sent with that step, and
    jobs that come to it are held. Again without harm. SwitchUnknown.
    """
    _check(name)
    with scopes_disabled():
        Switch.objects.update_or_create(name=name, defaults={"switched_by": operator})
    _log.info("operator %s switched %s off", operator, name)


def switch_on(*, name: str, operator: str) -> int:
    """End it; jobs that waited go on at once, and those that were held for it are tried again. How many jobs.

    SwitchUnknown. Again without harm.
    """
    _check(name)
    with scopes_disabled():
        Switch.objects.filter(name=name).delete()
    _log.info("operator %s switched %s on", operator, name)
    return _drain_end() if name == JOBS else _held_retry(name, operator)


def _check(name: str) -> None:
    if name not in {JOBS, *map(step_switch, registered())}:
        raise SwitchUnknown


def _drain_end() -> int:
    with scopes_disabled():
        waiting = Job.objects.filter(state=Job.State.QUEUED, code=DRAINED)
        waiting.update(code="", queued_at=None)
    return jobs_sweep()


def _held_retry(name: str, operator: str) -> int:
    """Each in a transaction of its own: one that was cancelled meanwhile keeps no other back."""
    with scopes_disabled():
        held = Job.objects.filter(state=Job.State.HELD, code=STEP_OFF)
        mine = held.filter(step=name.removeprefix(step_switch("")))
        ids: list[UUID] = list(mine.order_by("created_at").values_list("id", flat=True))
    tried = 0
    for job_id in ids:
        with suppress(NotFound, JobNotHeld):
            tried += job_retry_operator(job_id=job_id, operator=operator, only=STEP_OFF)
    return tried
