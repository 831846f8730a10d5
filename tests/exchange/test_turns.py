"""Organisations take turns: one with many jobs keeps another's single one waiting for no more than a few."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from django_scopes import scopes_disabled

from exchange import services
from exchange.models import Job
from exchange.services.job_turn import job_turn
from tests.exchange.desk import Desk, job_of

MANY = 40


def done(message: dict) -> bool:
    return job_of(message).state == Job.State.DONE


def worker_rounds(messages: list[dict], until) -> int:
    """How many of the broker's messages one worker takes, in their order, until `until()`."""
    for number, message in enumerate(messages, 1):
        services.job_turn_run(job_id=job_of(message).id)
        if until():
            return number
    raise AssertionError("never")


@pytest.fixture
def crowd(ana, ben) -> list[dict]:
    """Many jobs of one organisation."""
    return [ana.send(b"", to=[ben], uploads=[]) for _ in range(MANY)]


def test_a_single_job_of_another_organisation_is_next_but_one(crowd, ben, ana):
    single = ben.send(to=[ana], uploads=[])
    assert worker_rounds([*crowd, single], lambda: done(single)) <= 2


def test_every_job_is_done_once_whatever_the_turns(crowd, ben, ana):
    others = [ben.send(to=[ana], uploads=[]) for _ in range(3)]
    for message in (*crowd, *others):
        services.job_turn_run(job_id=job_of(message).id)
    with scopes_disabled():
        assert set(Job.objects.values_list("state", "attempts")) == {(Job.State.DONE, 1)}


def test_organisations_take_turns(ana, ben, cem):
    desks = {desk.peer.tenant.id: desk for desk in (ana, ben, cem)}
    messages = [desk.send(to=[], to_self=True, uploads=[]) for desk in desks.values() for _ in range(3)]
    order = []
    for message in messages:
        chosen = job_turn(job_of(message).id)
        with scopes_disabled():
            order.append(Job.objects.get(id=chosen).tenant_id)
        services.job_run(job_id=chosen)
    assert [len(set(order[at : at + 3])) for at in (0, 3, 6)] == [3, 3, 3]


def test_who_has_jobs_running_waits_for_who_has_none(ana, ben):
    first, second, other = ana.send(to=[ben]), ana.send(to=[ben]), ben.send(to=[ana])
    with scopes_disabled():
        long_ago = timezone.now() - timedelta(hours=1)
        running = {"state": Job.State.RUNNING, "lease_until": timezone.now() + timedelta(minutes=1)}
        Job.objects.filter(message_id=first["id"]).update(**running, started_at=long_ago)
    assert job_turn(job_of(second).id) == job_of(other).id


def test_lanes_keep_apart(ana: Desk, ben: Desk):
    fast, heavy = ana.send(to=[ben]), ana.send(to=[ben])
    with scopes_disabled():
        earlier = F("created_at") - timedelta(1)
        Job.objects.filter(message_id=heavy["id"]).update(lane=Job.Lane.HEAVY, created_at=earlier)
    assert job_turn(job_of(fast).id) == job_of(fast).id
    assert job_turn(job_of(heavy).id) == job_of(heavy).id


def test_nothing_due_is_nobodys_turn(ana, ben, django_assert_num_queries):
    message = ana.work(ana.send(to=[ben]))
    job_id = job_of(message).id
    with django_assert_num_queries(3):
        assert job_turn(job_id) is None
    services.job_turn_run(job_id=job_id)
    assert job_of(message).attempts == 1
