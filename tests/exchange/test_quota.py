"""Quotas: shown before they are hit, named in the error when they are, and held under races."""

import threading

import pytest
from django.core.cache import cache
from django.db import connection
from django_scopes import scope

from accounts.models import RulesKind, TenantRules, User
from accounts.rules import policy_of
from accounts.services import requests_check, user_issue
from accounts.services.quota import requests_count
from exchange import services
from exchange.models import Job
from tests.exchange.desk import Desk, job_of
from tests.refusal import refused

pytestmark = pytest.mark.django_db


def quotas(tenant, **members) -> None:
    with scope(tenant=tenant):
        version = TenantRules.objects.count() + 1
        TenantRules.objects.create(
            tenant=tenant, kind=RulesKind.QUOTAS, version=version, members=members, changed_by="1"
        )


def limits(one: Desk) -> dict:
    """What pages and clients are told before anything is sent."""
    tenant_id = one.peer.tenant.id
    return services.limits_show(tenant_id=tenant_id, policy=policy_of(tenant_id))


def quota_shown(one: Desk, name: str) -> dict:
    with scope(tenant=one.peer.tenant):
        User.objects.filter(id=one.peer.user.id).update(role=User.Role.ADMIN)
    one.peer.user.role = User.Role.ADMIN
    return next(row for row in services.usage_show(peer=one.peer)["quotas"] if row["quota"] == name)


def test_storage_is_told_before_and_named_when_it_is_full(ana):
    ana.upload(b"x" * 600)
    quotas(ana.peer.tenant, storage_bytes=1000)
    assert limits(ana)["storage_left"] == 400
    with refused("quota_exceeded") as refusal:
        ana.begin(b"", size=401)
    assert refusal.error.members == {"quota": "storage_bytes", "limit": 1000, "used": 600}
    ana.upload(b"x" * 400)
    shown = quota_shown(ana, "storage_bytes")
    assert (shown["limit"], shown["used"]) == (1000, 1000)


def test_what_was_received_counts_and_is_never_refused(ana, ben):
    quotas(ben.peer.tenant, storage_bytes=10)
    message = ana.send(b"x" * 5000, to=[ben])
    assert [row["state"] for row in ana.work(message)["deliveries"]] == ["delivered"]
    assert quota_shown(ben, "storage_bytes")["used"] == 5000


def test_people_are_counted_and_the_quota_named(ana):
    quotas(ana.peer.tenant, people=3)
    user_issue(tenant=ana.peer.tenant, login="third@aster.example", kind="machine")
    with refused("quota_exceeded") as refusal:
        user_issue(tenant=ana.peer.tenant, login="fourth@aster.example", kind="machine")
    assert refusal.error.members == {"quota": "people", "limit": 3, "used": 3}
    shown = quota_shown(ana, "people")
    assert (shown["limit"], shown["used"]) == (3, 3)


@pytest.mark.parametrize("quota", ["upload_max", "files_max", "recipients_max"])
def test_limits_of_a_message_are_the_organisation_s_own(ana, ben, quota):
    quotas(ana.peer.tenant, **{quota: 1})
    assert limits(ana)[quota] == 1
    assert limits(ben)[quota] > 1
    if quota == "upload_max":
        with refused("upload_too_large"):
            ana.begin(b"xx")
    elif quota == "files_max":
        with refused("too_many_files"):
            ana.send(b"1", b"2", to=[ben])
    else:
        with refused("too_many_recipients"):
            ana.send(to=[ben, ana])


def test_requests_in_a_minute(ana, ben):
    quotas(ana.peer.tenant, requests_per_minute=60)
    for _ in range(60):
        requests_check(ana.peer.tenant.id)
    with refused("requests_exceeded") as refusal:
        requests_check(ana.peer.tenant.id)
    assert refusal.error.members["limit"] == 60
    assert 0 < refusal.error.members["retry_after"] <= 60
    requests_check(ben.peer.tenant.id)
    assert requests_count(ben.peer.tenant.id) == 1
    cache.clear()
    requests_check(ana.peer.tenant.id)


def test_jobs_at_once_wait_and_say_so(ana, ben):
    quotas(ana.peer.tenant, jobs_at_once=1)
    first, second = ana.send(b"1", to=[ben]), ana.send(b"2", to=[ben])
    with scope(tenant=ana.peer.tenant):
        Job.objects.filter(id=job_of(first).id).update(state=Job.State.RUNNING, lease_until="2999-01-01T00:00Z")
    services.job_run(job_id=job_of(second).id)
    shown = ana.sent(second)["job"]
    assert (shown["state"], shown["code"]) == ("queued", "jobs_at_once")
    assert "one of them ends" in shown["detail"]
    with scope(tenant=ana.peer.tenant):
        Job.objects.filter(id=job_of(first).id).update(lease_until="2000-01-01T00:00Z")
    services.job_run(job_id=job_of(first).id)
    assert job_of(first).state == "done"
    assert job_of(second).queued_at is not None, "sent as soon as the first had ended"
    services.job_run(job_id=job_of(second).id)
    assert job_of(second).state == "done"
    assert job_of(second).attempts == 1


def test_another_organisation_s_jobs_do_not_count(ana, ben):
    quotas(ana.peer.tenant, jobs_at_once=1)
    theirs, mine = ben.send(b"1", to=[ana]), ana.send(b"2", to=[ben])
    with scope(tenant=ben.peer.tenant):
        Job.objects.filter(id=job_of(theirs).id).update(state=Job.State.RUNNING, lease_until="2999-01-01T00:00Z")
    assert ana.work(mine)["job"]["state"] == "done"


@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_once_do_not_both_take_the_last_room(ana):
    quotas(ana.peer.tenant, storage_bytes=1000)
    codes = []

    def begin() -> None:
        try:
            ana.begin(b"", size=900)
            codes.append("")
        except Exception as error:
            codes.append(getattr(error, "code", repr(error)))
        finally:
            connection.close()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["", "quota_exceeded", "quota_exceeded", "quota_exceeded"]
