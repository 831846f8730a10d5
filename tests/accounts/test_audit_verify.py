"""Whoever writes to the database by hand is told of by `chain_verify`: each way to do it, with the first bad row."""

import pytest
from django_scopes import scope

from accounts.models import AuditCheckpoint, AuditEvent, AuditHead, Tenant
from accounts.selectors.audit import event_of
from accounts.services import chain_verify, checkpoint_make, event_record, user_issue
from tests.accounts.conftest import organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("log_in_hand")]
LAST = 12


@pytest.fixture
def chain(db) -> Tenant:
    """Twelve events, checkpoints at 4, 8 and 10; the scope is active."""
    tenant = organisation("Aster Legal")
    with scope(tenant=tenant):
        user = user_issue(tenant=tenant, login="ana@aster.example", kind="machine").user
        for number in range(2, LAST + 1):
            event_record(tenant_id=tenant.id, actor=user, action="test.done", details={"number": number})
            if number in {4, 8, 10}:
                assert checkpoint_make(tenant_id=tenant.id)
        yield tenant


def found(chain: Tenant) -> tuple[int, str] | None:
    """Event and code of what does not hold; the sentence must be one."""
    finding = chain_verify(tenant_id=chain.id).finding
    if finding is None:
        return None
    assert finding.sentence.endswith(".")
    assert finding.sentence[0].isupper()
    return finding.event, finding.code


def rewritten(chain: Tenant, since: int) -> None:
    """Hash the chain anew from an event to its end, as somebody would who knows how it is made; the head too."""
    previous = bytes(AuditEvent.objects.get(seq=since - 1).hash) if since > 1 else bytes(32)
    seq = since - 1
    for row in AuditEvent.objects.filter(seq__gte=since).order_by("seq"):
        seq += 1
        AuditEvent.objects.filter(id=row.id).update(seq=seq)
        row.seq = seq
        fresh = event_of(row).hash(previous)
        AuditEvent.objects.filter(id=row.id).update(previous=previous, hash=fresh)
        previous = fresh
    AuditHead.objects.update(seq=seq, hash=previous)


def test_what_was_written_holds(chain):
    report = chain_verify(tenant_id=chain.id)
    assert (report.events, report.checkpoints, report.finding) == (LAST, 3, None)


@pytest.mark.parametrize(
    "change",
    [
        {"action": "test.undone"}, {"details": {"number": 9}}, {"details": {"number": 0.5}},
        {"actor": "5ea190c7-0000-4000-8000-000000000007"},
        {"subject": "5ea190c7-0000-4000-8000-000000000009"}, {"at": "2026-01-01T00:00:00Z"}, {"previous": bytes(32)},
        {"hash": bytes(32)},
    ],
)  # fmt: skip
@pytest.mark.parametrize("seq", [1, 6, LAST])
def test_an_edit_shows_at_its_event(chain, seq, change):
    if change == {"previous": bytes(32)} and seq == 1:
        change = {"previous": b"\1" * 32}
    AuditEvent.objects.filter(seq=seq).update(**change)
    assert found(chain) == (seq, "event_altered")


def test_an_edit_that_is_hashed_again_shows_at_the_next_event(chain):
    AuditEvent.objects.filter(seq=6).update(action="test.undone")
    row = AuditEvent.objects.get(seq=6)
    AuditEvent.objects.filter(seq=6).update(hash=event_of(row).hash(bytes(row.previous)))
    assert found(chain) == (7, "event_replaced")


@pytest.mark.parametrize(("edited", "shows"), [(2, 4), (6, 8), (10, 10)])
def test_a_chain_that_is_hashed_again_to_its_end_shows_at_the_next_checkpoint(chain, edited, shows):
    AuditEvent.objects.filter(seq=edited).update(action="test.undone")
    rewritten(chain, edited)
    assert found(chain) == (shows, "event_replaced")


@pytest.mark.parametrize("seq", [1, 5, 11])
def test_a_removed_event_shows(chain, seq):
    AuditEvent.objects.filter(seq=seq).delete()
    assert found(chain) == (seq, "event_missing")


def test_a_removed_event_shows_when_the_others_move_up_and_are_hashed_again(chain):
    AuditEvent.objects.filter(seq=5).delete()
    rewritten(chain, 5)
    assert found(chain) == (8, "event_replaced")


@pytest.mark.parametrize("kept", [0, 5, 9, 11])
def test_a_cut_end_shows_by_the_head(chain, kept):
    AuditEvent.objects.filter(seq__gt=kept).delete()
    assert found(chain) == (kept + 1, "end_missing")


@pytest.mark.parametrize("kept", [0, 5, 9])
def test_a_cut_end_shows_by_the_last_checkpoint_when_the_head_was_adjusted(chain, kept):
    AuditEvent.objects.filter(seq__gt=kept).delete()
    last = AuditEvent.objects.filter(seq=kept).first()
    AuditHead.objects.update(seq=kept, hash=bytes(last.hash) if last else bytes(32))
    assert found(chain) == (kept + 1, "end_missing")


def test_a_log_without_head_shows(chain):
    AuditHead.objects.all().delete()
    assert found(chain) == (1, "event_added")
    AuditEvent.objects.all().delete()
    assert found(chain) == (1, "end_missing")


def test_two_events_that_changed_places_show(chain):
    for before, after in ((6, 99), (7, 6), (99, 7)):
        AuditEvent.objects.filter(seq=before).update(seq=after)
    assert found(chain) == (6, "event_altered")


def test_two_events_that_changed_places_show_when_all_is_hashed_again(chain):
    for before, after in ((6, 99), (7, 6), (99, 7)):
        AuditEvent.objects.filter(seq=before).update(seq=after)
    rewritten(chain, 6)
    assert found(chain) == (8, "event_replaced")


def test_an_event_that_was_added_behind_the_end_shows(chain):
    head = AuditHead.objects.get()
    event_record(tenant_id=chain.id, actor=None, action="test.done")
    AuditHead.objects.update(seq=head.seq, hash=head.hash)
    assert found(chain) == (LAST + 1, "event_added")


@pytest.mark.parametrize("change", ["root", "head", "previous", "signature", "edge"])
@pytest.mark.parametrize("seq", [4, 8, 10])
def test_an_altered_checkpoint_shows(chain, seq, change):
    row = AuditCheckpoint.objects.get(seq=seq)
    value = bytearray(getattr(row, change))
    value[7] ^= 1
    AuditCheckpoint.objects.filter(seq=seq).update(**{change: bytes(value)})
    assert found(chain) == (seq, "checkpoint_altered")


@pytest.mark.parametrize("change", [{"at": "2026-01-01T00:00:00Z"}, {"key": "5ea190c7-0000-4000-8000-000000000009"}])
def test_a_checkpoint_of_another_time_or_key_shows(chain, change):
    AuditCheckpoint.objects.filter(seq=8).update(**change)
    assert found(chain) == (8, "checkpoint_altered")


def test_a_moved_checkpoint_shows(chain):
    AuditCheckpoint.objects.filter(seq=8).update(seq=7)
    assert found(chain) == (7, "checkpoint_altered")


@pytest.mark.parametrize(("seq", "shows"), [(4, 8), (8, 10), (10, LAST)])
def test_a_missing_checkpoint_shows(chain, seq, shows):
    AuditCheckpoint.objects.filter(seq=seq).delete()
    assert found(chain) == (shows, "checkpoint_missing")


def test_missing_checkpoints_show(chain):
    AuditCheckpoint.objects.all().delete()
    assert found(chain) == (LAST, "checkpoint_missing")


def test_a_checkpoint_of_another_organisation_shows(chain):
    other = organisation("Birch Supply")
    with scope(tenant=other):
        for _ in range(4):
            event_record(tenant_id=other.id, actor=None, action="test.done")
        checkpoint_make(tenant_id=other.id)
        row = AuditCheckpoint.objects.get()
    taken = {name: getattr(row, name) for name in ("root", "head", "previous", "signature", "edge", "at", "key")}
    AuditCheckpoint.objects.filter(seq=4).update(**taken)
    assert found(chain) == (4, "checkpoint_altered")
