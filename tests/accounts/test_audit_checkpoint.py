"""Checkpoints: hourly and every 1,000 events, each going on from the one before, none where nothing is new."""

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.errors import ChainBroken
from accounts.models import AuditCheckpoint, AuditEvent, AuditHead, Tenant
from accounts.services import audit_checkpoint, chain_verify, checkpoint_make, checkpoints_make, event_record
from sealpost.crypto.merkle import MerkleTree
from tests.accounts.conftest import organisation
from vault.services import signing_key_create

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenants(db) -> list[Tenant]:
    return [organisation(name) for name in ("Aster Legal", "Birch Supply")]


def written(tenant: Tenant, times: int) -> None:
    with scope(tenant=tenant):
        for _ in range(times):
            event_record(tenant_id=tenant.id, actor=None, action="test.done")


def signed(tenant: Tenant) -> list[int]:
    with scope(tenant=tenant):
        return list(AuditCheckpoint.objects.order_by("seq").values_list("seq", flat=True))


def older(tenant: Tenant, **ago: float) -> None:
    with scope(tenant=tenant):
        AuditCheckpoint.objects.update(at=timezone.now() - timedelta(**ago))


def test_nothing_is_written_where_nothing_is_new(tenants):
    checkpoints_make()
    assert signed(tenants[0]) == []
    written(tenants[0], 3)
    checkpoints_make()
    with CaptureQueriesContext(connection) as captured:
        checkpoints_make()
    assert (signed(tenants[0]), signed(tenants[1])) == ([3], [])
    assert len(captured) == 1  # which are due, of all


@pytest.mark.usefixtures("log_in_hand")
def test_one_an_hour(tenants):
    written(tenants[0], 1)
    checkpoints_make()
    written(tenants[0], 1)
    checkpoints_make()
    assert signed(tenants[0]) == [1]
    older(tenants[0], minutes=59)
    checkpoints_make()
    assert signed(tenants[0]) == [1]


def test_a_new_one_after_an_hour(tenants, monkeypatch):
    written(tenants[0], 1)
    checkpoints_make()
    written(tenants[0], 1)
    monkeypatch.setattr(audit_checkpoint, "_EVERY", timedelta(0))
    checkpoints_make()
    checkpoints_make()
    assert signed(tenants[0]) == [1, 2]
    with scope(tenant=tenants[0]):
        assert chain_verify(tenant_id=tenants[0].id).checkpoints == 2


def test_a_new_one_after_so_many_events(tenants, monkeypatch):
    monkeypatch.setattr(audit_checkpoint, "EVENTS", 5)
    written(tenants[0], 1)
    checkpoints_make()
    written(tenants[0], 4)
    checkpoints_make()
    assert signed(tenants[0]) == [1]
    written(tenants[0], 1)
    checkpoints_make()
    assert signed(tenants[0]) == [1, 6]


def test_it_reads_what_is_new_and_no_more(tenants, monkeypatch):
    written(tenants[0], 40)
    with scope(tenant=tenants[0]):
        assert checkpoint_make(tenant_id=tenants[0].id)
        read = []
        hashed = audit_checkpoint.event_of
        monkeypatch.setattr(audit_checkpoint, "event_of", lambda row: read.append(row.seq) or hashed(row))
        written(tenants[0], 3)
        assert checkpoint_make(tenant_id=tenants[0].id)
        assert read == [41, 42, 43]
        tree = MerkleTree()
        for row in AuditEvent.objects.order_by("seq"):
            tree.append(bytes(row.hash))
        assert bytes(AuditCheckpoint.objects.get(seq=43).root) == tree.root()


def test_the_chain_s_lock_is_held_while_nothing_is_read_of_events(tenants):
    """Between the two short transactions no row is locked: the events are read outside."""
    written(tenants[0], 5)
    with scope(tenant=tenants[0]), CaptureQueriesContext(connection) as captured:
        checkpoint_make(tenant_id=tenants[0].id)
    inside, outside, open_transactions = [], [], 0
    for query in captured:
        sql = query["sql"]
        open_transactions += sql.startswith(("SAVEPOINT", "BEGIN")) - sql.startswith(("RELEASE", "COMMIT"))
        if '"details"' in sql:
            (inside if open_transactions else outside).append(sql)
    assert inside == []
    assert len(outside) == 2  # the events, and that there are no more


def test_two_at_once_make_one(tenants, monkeypatch):
    """Whoever comes second finds that the first has written, and writes nothing."""
    written(tenants[0], 3)
    begun = audit_checkpoint._begun
    other: list[bool] = []

    def overtaken(end):
        if not other:
            other.append(False)
            other.append(checkpoint_make(tenant_id=tenants[0].id))
        return begun(end)

    monkeypatch.setattr(audit_checkpoint, "_begun", overtaken)
    with scope(tenant=tenants[0]):
        assert not checkpoint_make(tenant_id=tenants[0].id)
        assert other[1]
        assert chain_verify(tenant_id=tenants[0].id).finding is None
    assert signed(tenants[0]) == [3]


def test_a_new_signing_key_goes_on_with_the_same_chain(tenants):
    for _ in range(2):
        written(tenants[0], 2)
        with scope(tenant=tenants[0]):
            checkpoint_make(tenant_id=tenants[0].id)
        signing_key_create()
    with scope(tenant=tenants[0]):
        assert AuditCheckpoint.objects.values("key").distinct().count() == 2
        assert chain_verify(tenant_id=tenants[0].id).finding is None


@pytest.mark.parametrize("damage", ["event", "cut", "root", "edge", "head", "last"])
@pytest.mark.usefixtures("log_in_hand")
def test_what_does_not_hold_is_not_signed_but_told(tenants, damage, caplog, monkeypatch):
    written(tenants[0], 3)
    checkpoints_make()
    written(tenants[0], 3)
    with scope(tenant=tenants[0]):
        {
            "event": lambda: AuditEvent.objects.filter(seq=5).update(action="test.undone"),
            "cut": lambda: AuditEvent.objects.filter(seq=6).delete(),
            "root": lambda: AuditCheckpoint.objects.update(root=bytes(32)),
            "edge": lambda: AuditCheckpoint.objects.update(edge=bytes(64)),
            "head": lambda: AuditHead.objects.update(hash=bytes(32)),
            "last": lambda: AuditCheckpoint.objects.all().delete(),
        }[damage]()
    written(tenants[1], 1)
    monkeypatch.setattr(audit_checkpoint, "_EVERY", timedelta(0))
    with caplog.at_level(logging.ERROR, "sealpost.audit"):
        checkpoints_make()
    assert signed(tenants[0]) == ([] if damage == "last" else [3])
    assert signed(tenants[1]) == [1]  # the others are not kept waiting
    assert str(tenants[0].id) in caplog.text
    with scope(tenant=tenants[0]), pytest.raises(ChainBroken):
        checkpoint_make(tenant_id=tenants[0].id)


def test_the_task_is_scheduled(settings):
    assert settings.CELERY["beat_schedule"]["audit_checkpoints"]["schedule"] <= 300
    with scopes_disabled():
        assert AuditCheckpoint.objects.count() == 0
