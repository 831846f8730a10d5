"""Exports are verified by their lines alone; whatever is changed in one is told, the first thing first."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from accounts.errors import RoleForbidden
from accounts.models import AuditCheckpoint, AuditEvent, AuditHead
from accounts.selectors.audit import checkpoint_of
from exchange.services import (
    AuditFilters,
    audit_export,
    audit_export_operator,
    audit_export_page,
)
from exchange.services.paging import CursorInvalid
from sealpost.protocol.audit_file import AuditRefused, file_verify
from tests.exchange.audit_log import OBJECT, Log, log_make, verified
from tests.exchange.desk import desk
from vault.services import signing_key, signing_key_create

pytestmark = pytest.mark.django_db
MODULE = "exchange.services.audit_steps"


@pytest.fixture
def log(db) -> Log:
    return log_make()


def lines_of(log: Log, **filters) -> list[str]:
    return list(audit_export(peer=log.reader, filters=AuditFilters(**filters)))


def kinds(lines: list[str]) -> list[str]:
    return [json.loads(line)["kind"] for line in lines]


def small_steps(monkeypatch, events: int = 3, walked: int = 5) -> None:
    monkeypatch.setattr(f"{MODULE}._EVENTS", events)
    monkeypatch.setattr(f"{MODULE}._WALKED", walked)


def test_a_whole_log_verifies_to_the_export_itself(log):
    lines = lines_of(log)
    said = verified(lines, fingerprints=[signing_key().fingerprint])
    with scope(tenant=log.tenant):
        stored = list(log.events())
    assert (said.events, said.omitted, said.checkpoints) == (len(stored), 0, 4)
    assert said.last_checkpoint == len(stored)
    assert (said.first_at, said.last_at) == (stored[0].at.isoformat(), stored[-1].at.isoformat())
    assert said.keys == {signing_key().fingerprint}
    assert stored[-1].action == "audit.exported"
    assert kinds(lines)[0] == "header"
    assert kinds(lines)[-2:] == ["checkpoint", "trailer"]
    assert [json.loads(line)["seq"] for line in lines if '"kind":"event"' in line] == [row.seq for row in stored]


FILTERS = {
    "person": lambda log: {"person": log.ana.id},
    "object": lambda log: {"object": OBJECT},
    "event": lambda log: {"event": "delivery.opened"},
    "noun": lambda log: {"event": "delivery"},
    "nothing": lambda log: {"event": "nothing.such"},
    "everything": lambda log: {"since": log.ana.created_at - timedelta(days=1)},
    "late": lambda log: {"since": moments(log)[15]},
    "early": lambda log: {"until": moments(log)[5]},
    "between": lambda log: {"since": moments(log)[8], "until": moments(log)[15]},
    "never": lambda log: {"since": moments(log)[-1] + timedelta(days=1)},
    "before": lambda log: {"until": moments(log)[0]},
    "mixed": lambda log: {"person": log.ana.id, "event": "delivery", "since": moments(log)[4]},
}


def moments(log: Log) -> list:
    with scope(tenant=log.tenant):
        return list(log.events().values_list("at", flat=True))


@pytest.mark.parametrize("size", [(500, 5000), (3, 5), (1, 1)])
@pytest.mark.parametrize("name", FILTERS)
def test_a_filtered_log_verifies_and_holds_what_was_asked_for(log, name, size, monkeypatch):
    small_steps(monkeypatch, *size)
    filters = FILTERS[name](log)
    lines = lines_of(log, **filters)
    said = verified(lines)
    header = json.loads(lines[0])
    with scope(tenant=log.tenant):
        inside = AuditEvent.objects.filter(seq__lte=header["last"])
        wanted = list(AuditFilters(**filters).rows(inside).order_by("seq").values_list("seq", flat=True))
        total = AuditFilters(**filters).rows(AuditEvent.objects.all()).count()
    assert [json.loads(line)["seq"] for line in lines if '"kind":"event"' in line] == wanted
    assert len(wanted) == total
    assert (said.filtered, said.events, said.omitted) == (True, total, header["last"] - total)
    assert said.last_checkpoint == header["last"]
    assert header["filters"]


def test_left_out_events_carry_hashes_alone(log):
    lines = lines_of(log, person=log.ana.id)
    for line in lines:
        if '"kind":"omitted"' in line:
            assert set(json.loads(line)) == {"kind", "first", "last", "nodes"}
    assert str(log.ben.id) not in "".join(lines).replace(str(log.ana.id), "")


def test_what_is_left_out_takes_little_room(log):
    log.write(600)
    lines = lines_of(log, event="nothing.such")
    assert len("".join(lines)) < 5000


def test_times_before_the_range_are_not_walked(log, monkeypatch):
    """A range late in a long log begins at the tree of the checkpoint before it."""
    lines = lines_of(log, since=moments(log)[-1])
    first = json.loads(lines[1])
    assert (first["kind"], first["first"]) == ("omitted", 1)
    assert first["last"] == 17  # the third checkpoint
    assert verified(lines).events == 2


@pytest.mark.parametrize("filters", [{}, {"event": "delivery"}])
def test_every_altered_byte_is_refused(log, filters):
    """In every line: each byte of the shortest line of a kind and of the signed end, some of the others."""
    text = "".join(f"{line}\n" for line in lines_of(log, **filters)).encode()
    closely = {
        min((line for line in text.splitlines() if kind in line), key=len)
        for kind in (b"event", b"omitted", b"checkpoint", b"trailer")
        if kind in text
    }
    places, begun = [], 0
    for line in text.splitlines(keepends=True):
        places += range(begun, begun + len(line), 1 if line[:-1] in closely else 11)
        begun += len(line)
        places.append(begun - 1)  # its line feed
    for at in places:
        changed = bytearray(text)
        changed[at] ^= 1 << (at % 7)
        with pytest.raises(AuditRefused):
            file_verify(bytes(changed).splitlines(keepends=True))


@pytest.mark.parametrize("filters", [{}, {"event": "delivery"}])
def test_every_removed_doubled_or_swapped_line_is_refused(log, filters):
    lines = lines_of(log, **filters)
    for at in range(len(lines)):
        for changed in (
            lines[:at] + lines[at + 1 :],
            lines[: at + 1] + lines[at:],
            [*lines[:at], *lines[at : at + 2][::-1], *lines[at + 2 :]],
            lines[:at],
        ):
            if changed != lines:
                with pytest.raises(AuditRefused):
                    verified(changed)


def test_an_added_space_is_refused_in_every_line(log):
    """There is one way to write a line, the signed last one too."""
    lines = lines_of(log)
    for at, line in enumerate(lines):
        for changed in (f"{line} ", line.replace(",", ", ", 1), line.replace("a", "\\u0061", 1)):
            if changed != line:
                with pytest.raises(AuditRefused):
                    verified([*lines[:at], changed, *lines[at + 1 :]])


def said_of(lines, **options) -> str:
    with pytest.raises(AuditRefused) as error:
        verified(lines, **options)
    return error.value.sentence


def test_the_first_thing_that_does_not_hold_is_told(log):
    lines = lines_of(log)
    swapped = [*lines[:4], lines[5], lines[4], *lines[6:]]
    assert said_of(swapped) == "Line 5: event 4 should stand here, and event 5 does."
    edited = [*lines[:3], lines[3].replace("user.issued", "user.invited"), *lines[4:]]
    assert said_of(edited) == "Line 4: event 3 was altered: it does not fit its hash."
    assert said_of(lines[:-1]) == "The file was cut off: the signed line at its end is missing."
    named = [lines[0].replace("Aster", "Birch"), *lines[1:]]
    assert "does not fit the lines before it" in said_of(named)
    other = "0" * 4 + "-0000" * 7
    assert "which is not the one that you gave" in said_of(lines, fingerprints=[other])
    assert said_of(["{}"]) == "Line 1: it is not a line of an audit log's export, or it was altered."
    assert said_of([]).startswith("The file was cut off")


@pytest.mark.parametrize("damage", ["edit", "middle", "end", "end and head", "swap", "rehash", "checkpoint", "root"])
@pytest.mark.usefixtures("log_in_hand")
def test_a_log_that_was_tampered_with_exports_into_a_file_that_tells(log, damage):
    """What `audit_verify` finds on the server is found by who holds the export alone."""
    with scope(tenant=log.tenant):
        rows = AuditEvent.objects
        if damage == "edit":
            rows.filter(seq=9).update(action="test.undone")
        elif damage == "middle":
            rows.filter(seq=9).delete()
        elif damage.startswith("end"):
            rows.filter(seq__gt=16).delete()
            if damage != "end":
                AuditHead.objects.update(seq=16, hash=bytes(rows.get(seq=16).hash))
        elif damage == "swap":
            for before, after in ((9, 99), (10, 9), (99, 10)):
                rows.filter(seq=before).update(seq=after)
        elif damage == "rehash":
            from tests.accounts.test_audit_verify import rewritten

            rows.filter(seq=9).update(action="test.undone")
            rewritten(log.tenant, 9)
        elif damage == "checkpoint":
            AuditCheckpoint.objects.order_by("seq")[1].delete()
        else:
            AuditCheckpoint.objects.update(root=bytes(32))
    with pytest.raises(AuditRefused):
        verified(lines_of(log))


def test_a_forged_export_under_another_key_is_told_by_the_fingerprint(log):
    published = signing_key().fingerprint
    forged = signing_key_create().fingerprint
    lines = lines_of(log)
    assert verified(lines).keys == {published, forged}
    assert f"signed by key {forged}" in said_of(lines, fingerprints=[published])
    assert verified(lines, fingerprints=[published, forged]).checkpoints == 4


def test_steps_join_to_the_same_file_whatever_their_size(log, monkeypatch):
    small_steps(monkeypatch)
    lines, cursor, pages = [], None, 0
    while True:
        page = audit_export_page(peer=log.reader, filters=AuditFilters(), after=cursor)
        lines += page["lines"]
        pages, cursor = pages + 1, page["next"]
        if cursor is None:
            break
        log.write(1)  # what happens meanwhile is left for the next export
    assert pages > 5
    assert verified(lines).checkpoints == 4


def test_a_step_that_is_asked_for_twice_is_the_same(log, monkeypatch):
    small_steps(monkeypatch)
    first = audit_export_page(peer=log.reader, filters=AuditFilters())
    second = [audit_export_page(peer=log.reader, filters=AuditFilters(), after=first["next"]) for _ in range(2)]
    assert second[0] == second[1]
    with scope(tenant=log.tenant):
        assert AuditEvent.objects.filter(action="audit.exported").count() == 1


def test_a_step_is_bounded_by_its_length_too(log, monkeypatch):
    monkeypatch.setattr(f"{MODULE}._LENGTH", 1000)
    page = audit_export_page(peer=log.reader, filters=AuditFilters())
    assert len(page["lines"]) < 6
    assert verified(lines_of(log)).omitted == 0


def test_a_cursor_serves_who_got_it_for_what_they_asked(log, monkeypatch):
    small_steps(monkeypatch)
    cursor = audit_export_page(peer=log.reader, filters=AuditFilters())["next"]
    other = log_make("Birch Supply")
    fields = cursor.split(".")
    raised = ".".join([str(int(fields[0]) + 1), *fields[1:]])
    for peer, filters, after in (
        (other.reader, {}, cursor), (log.reader, {"event": "delivery"}, cursor), (log.reader, {}, raised),
        (log.reader, {}, "x"), (log.reader, {}, cursor[:-1]), (log.reader, {}, f"{cursor}ü"),
    ):  # fmt: skip
        with pytest.raises(CursorInvalid):
            audit_export_page(peer=peer, filters=AuditFilters(**filters), after=after)


def test_a_step_costs_the_same_queries_whatever_it_holds(log):
    costs = set()
    for times in (0, 40, 200):
        log.write(times, actor=log.ana, user=str(log.ben.id))
        with CaptureQueriesContext(connection) as captured:
            lines_of(log)
        costs.add(len(captured))
    assert len(costs) == 1


def test_an_export_says_who_and_stays_silent_of_others(log):
    events = [json.loads(line) for line in lines_of(log) if '"kind":"event"' in line]
    by = {event["by"] for event in events}
    assert by == {"", "Ana", "Ben", "operator 3", "Eva"}
    assert {name for event in events for name in event["names"].values()} == {"Ana", "Ben", "Eva"}


def test_an_operator_s_export_stands_in_the_log_of_the_organisation(log):
    lines = list(audit_export_operator(tenant=log.tenant, operator=3, filters=AuditFilters(event="delivery")))
    assert verified(lines).filtered
    with scope(tenant=log.tenant):
        last = AuditEvent.objects.order_by("-seq").first()
    assert (last.actor, last.action) == (None, "audit.exported")
    assert last.details == {"operator": 3, "filters": {"event": "delivery"}}


def test_members_may_not(log):
    member = desk(log.tenant, "max@aster.example")
    for call in (
        lambda: audit_export(peer=member.peer, filters=AuditFilters()),
        lambda: audit_export_page(peer=member.peer, filters=AuditFilters()),
    ):
        with pytest.raises(RoleForbidden):
            call()


def test_one_organisation_s_export_holds_nothing_of_another(log):
    other = log_make("Birch Supply")
    lines = "".join(lines_of(log))
    for foreign in (other.tenant.id, other.ana.id, other.ben.id, other.reader.user.id):
        assert str(foreign) not in lines


@pytest.mark.usefixtures("log_in_hand")
def test_a_log_that_was_cut_back_whole_is_told_by_an_export_kept_elsewhere(log, tmp_path, capsys):
    """Events, head and checkpoints put back to an earlier state: the database alone cannot tell, the file does."""
    kept = tmp_path / "kept.jsonl"
    kept.write_text("".join(f"{line}\n" for line in lines_of(log)))
    command = ("audit_verify", str(log.tenant.id), "--export", str(kept))
    log.write(3)
    call_command(*command)
    assert capsys.readouterr().out.endswith("chain whole\n")
    with scope(tenant=log.tenant):
        AuditEvent.objects.filter(seq__gt=13).delete()
        AuditCheckpoint.objects.filter(seq__gt=13).delete()
        last = AuditCheckpoint.objects.order_by("-seq").first()
        head = AuditEvent.objects.order_by("-seq").first()
        AuditHead.objects.update(seq=head.seq, hash=bytes(head.hash), checkpoint=checkpoint_of(last).digest())
    call_command(*command[:2])
    with pytest.raises(CommandError, match="signed checkpoint at event 17 that the log has no more"):
        call_command(*command)


def test_an_export_that_does_not_hold_or_is_another_s_is_not_compared(log, tmp_path):
    kept = tmp_path / "kept.jsonl"
    kept.write_text("".join(f"{line}\n" for line in lines_of(log)))
    other = log_make("Birch Supply")
    for arguments, says in (
        ([str(other.tenant.id), "--export", kept], "another organisation"),
        ([str(log.tenant.id), "--export", tmp_path / "none"], "cannot be read"),
        (["--export", kept], "Name the organisation"),
    ):
        with pytest.raises(CommandError, match=says):
            call_command("audit_verify", *map(str, arguments))
    kept.write_text(kept.read_text()[:-9])
    with pytest.raises(CommandError, match="cut off"):
        call_command("audit_verify", str(log.tenant.id), "--export", str(kept))
