"""Legal holds: who places them, and that nothing which one keeps is erased by anything."""

import ast
import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import Tenant, User
from exchange import selectors, services
from exchange.models import Delivery, LegalHold, Mailbox, Message, Upload
from exchange.selectors.hold_list import hold_choices, holds_list
from tests.exchange.desk import Desk, desk
from tests.exchange.lifecycle import admin_of, days_pass, delivered, events, files, hold, lift, policy, recall
from tests.refusal import refused
from tests.running import ROOT
from tests.services.clamd import EICAR
from vault.services import object_reader

# Every place outside the vault where an object is given up, and how a hold is asked after there.
GIVING_UP = {
    ("exchange/services/object_release.py", "objects_release"): "who calls it has asked",
    ("exchange/services/upload.py", "_discard"): "asks after its person",
    ("exchange/services/job_judge.py", "documents_discard"): "malware; whoever calls it has asked `discard_wanted`",
    ("exchange/services/job_step.py", "_discard"): "what was made twice at the same time: the other one is kept",
    ("exchange/services/job_output.py", "_stored"): "what did not come whole or was refused, before any row has it",
}
# Every place that asks for that, or deletes rows of what is exchanged.
ERASING = {
    ("exchange/services/retention.py", "_given_up"): "of what is unheld, asked again under lock",
    ("exchange/services/retention.py", "_message_erase"): "of what is unheld, asked again under lock",
    ("exchange/services/orphans.py", "_release"): "of what no row uses, and a hold keeps rows",
    ("exchange/services/upload.py", "_discard"): "asks after its person",
    ("exchange/services/tenant_end.py", "_end"): "waits while any hold of the tenant stands",
    ("exchange/services/outsiders.py", "outsiders_resolve"): "one of two rows for the same recipient",
    ("exchange/services/mailbox_member.py", "mailbox_member_remove"): "who reads a mailbox, not what lies in it",
    ("exchange/services/person_remove.py", "_remove"): "who reads a mailbox, not what lies in it",
    ("exchange/services/switches.py", "switch_on"): "what an operator has switched off",
    ("exchange/services/transfer.py", "_transfer_new"): "a download that a new password made useless; no content",
}


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path, monkeypatch) -> Path:
    """A store of this test's own, whose files go at once."""
    settings.SEALPOST_OBJECTS = tmp_path / "objects"
    monkeypatch.setattr("django.db.transaction.on_commit", lambda work, **_: work())
    return settings.SEALPOST_OBJECTS


def calls(*names: str) -> set[tuple[str, str]]:
    """(file, function) of every call by one of these names in what serves."""
    found = set()
    for layer in ("accounts", "exchange", "portal"):
        for path in (ROOT / layer).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            for function in ast.walk(ast.parse(path.read_text())):
                if isinstance(function, ast.FunctionDef):
                    called = {_name(node) for node in ast.walk(function) if isinstance(node, ast.Call)}
                    if called & set(names):
                        found.add((str(path.relative_to(ROOT)), function.name))
    return found


def _name(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def test_every_place_that_gives_an_object_up_is_known():
    assert calls("object_delete") == set(GIVING_UP)


def test_every_place_that_erases_what_is_exchanged_is_known():
    found = {
        place
        for place in calls("objects_release", "owner_objects_delete", "delete")
        if place[0].startswith("exchange/services/")
    }
    assert found == set(ERASING)


def everything_passes(message: dict, sender: Desk) -> None:
    """Whatever erases: recall, expiry, retention of a long time, the search for orphans, a removed person."""
    recall(sender, message)
    with scopes_disabled():
        User.objects.filter(role=User.Role.MEMBER).update(state=User.State.REMOVED)
    days_pass(4000)
    services.deliveries_expire()
    for _ in range(2):
        services.retention_erase()
    services.uploads_expire()
    services.orphans_erase()


def kept(message: dict) -> tuple[bool, bool]:
    """Whether the sender's side and the recipient's still have everything."""
    with scopes_disabled():
        sides = []
        for row in (Message.objects.get(id=message["id"]), Delivery.objects.get(message_id=message["id"])):
            whole = bool(row.subject) and row.erased_at is None
            for document in row.documents.all() if whole else []:
                chunks = object_reader(object_id=document.object, owner=f"tenant:{row.tenant_id}").chunks()
                assert b"".join(bytes(chunk) for chunk in chunks) == b"content"
            sides.append(whole)
    return sides[0], sides[1]


@pytest.mark.parametrize(
    ("side", "kind", "expected"),
    [
        ("aster", "person", (True, False)),
        ("aster", "message", (True, False)),
        ("birch", "person", (False, True)),
        ("birch", "mailbox", (False, True)),
        ("birch", "message", (False, True)),
        ("birch", "delivery", (False, True)),
        ("cedar", "", (False, False)),
    ],
)
def test_what_a_hold_keeps_outlives_everything_on_its_own_side_alone(ana, ben, organisations, side, kind, expected):
    message, other = delivered(ana, ben), delivered(ben, ana)
    with scopes_disabled():
        delivery = Delivery.objects.get(message_id=message["id"])
    targets = {
        "person": (ana if side == "aster" else ben).peer.user.id, "mailbox": delivery.mailbox_id,
        "message": message["id"], "delivery": delivery.id,
    }  # fmt: skip
    tenant = organisations[side]
    if kind:
        hold_id = hold(tenant, "message" if kind == "delivery" else kind, targets[kind])
        assert selectors.tenant_holds_exist(tenant.id)
    everything_passes(message, ana)
    assert kept(message) == expected
    if not kind:
        assert files() == set()
        return
    if "person" not in kind and kind != "mailbox":
        assert kept(other) == (False, False)
    lift(tenant, hold_id)
    assert not selectors.tenant_holds_exist(tenant.id)
    services.retention_erase()
    assert kept(message) == (False, False)
    assert files() == set()


def test_holds_on_both_sides_keep_both(ana, ben, organisations):
    message = delivered(ana, ben)
    for side in ("aster", "birch"):
        hold(organisations[side], "message", message["id"])
    everything_passes(message, ana)
    assert kept(message) == (True, True)


def test_a_colleague_s_copy_is_kept_by_the_hold_on_it_though_the_sender_s_goes(ana, organisations):
    """One key serves both, and the hold on one row keeps it."""
    mate = desk(organisations["aster"], "mate@aster.example")
    message = delivered(ana, mate)
    hold(organisations["aster"], "person", mate.peer.user.id)
    everything_passes(message, ana)
    assert kept(message) == (False, True)


def test_uploads_of_a_held_person_are_kept_and_go_when_the_hold_does(ana, organisations):
    discarded, late = ana.upload(b"discarded"), ana.upload(b"late")
    hold_id = hold(organisations["aster"], "person", ana.peer.user.id)
    services.upload_discard(peer=ana.peer, upload_id=discarded)
    with refused("upload_unknown"):
        services.upload_show(peer=ana.peer, upload_id=discarded)
    with scopes_disabled():
        Upload.objects.update(expires_at=timezone.now() - timedelta(days=2))
    assert services.uploads_expire() == 0
    assert len(files()) == 2
    lift(organisations["aster"], hold_id)
    assert services.uploads_expire() == 2
    assert services.uploads_expire() == 0
    assert files() == set()
    assert {discarded, late} == set(_uploads(Upload.State.DISCARDED))


def _uploads(state: str) -> list[UUID]:
    with scopes_disabled():
        return list(Upload.objects.filter(state=state, object=None).values_list("id", flat=True))


def test_only_admins_place_lift_and_see_holds(ana, organisations):
    hold_id = hold(organisations["aster"], "person", ana.peer.user.id)
    for act in (
        lambda: services.hold_place(peer=ana.peer, kind="person", target=ana.peer.user.id, reason="Mine"),
        lambda: services.hold_lift(peer=ana.peer, hold_id=hold_id, reason="Mine"),
        lambda: holds_list(peer=ana.peer),
        lambda: hold_choices(peer=ana.peer),
    ):
        with refused("role_forbidden"):
            act()
    with refused("not_found"):
        lift(organisations["birch"], hold_id)  # another organisation's
    assert holds_list(peer=admin_of(organisations["birch"])) == []


def test_bad_holds_are_refused(ana, ben, organisations):
    message = delivered(ana, ben)
    admin = admin_of(organisations["aster"])
    strangers = [
        ("person", ben.peer.user.id), ("person", uuid4()), ("mailbox", uuid4()), ("message", uuid4()),
        ("mailbox", message["id"]), ("person", message["id"]),
    ]  # fmt: skip
    for kind, target in strangers:
        with refused("hold_target_unknown"):
            services.hold_place(peer=admin, kind=kind, target=UUID(str(target)), reason="Why not")
    for reason in ("", "   ", "x" * 1001):
        with refused("hold_reason_missing"):
            services.hold_place(peer=admin, kind="message", target=UUID(message["id"]), reason=reason)
    hold_id = hold(organisations["aster"], "message", message["id"])
    with refused("hold_exists"):
        hold(organisations["aster"], "message", message["id"])
    with refused("hold_reason_missing"):
        services.hold_lift(peer=admin, hold_id=hold_id, reason=" ")
    lift(organisations["aster"], hold_id)
    with refused("hold_lifted"):
        lift(organisations["aster"], hold_id)
    hold(organisations["aster"], "message", message["id"])  # and again, if it is needed again
    assert (events("hold.placed"), events("hold.lifted")) == (2, 1)


def test_reasons_are_sealed_and_shown_with_who_and_when(ana, organisations):
    hold_id = hold(organisations["aster"], "person", ana.peer.user.id)
    lift(organisations["aster"], hold_id)
    hold(organisations["aster"], "person", ana.peer.user.id)
    standing, lifted = holds_list(peer=admin_of(organisations["aster"]))
    assert (standing["reason"], standing["name"]) == ("Lawsuit", f"Ana ({ana.login})")
    assert (lifted["lift_reason"], lifted["lifted_by"]) == ("Settled", "Admin (admin@aster.example)")
    with scopes_disabled():
        assert all(b"Lawsuit" not in bytes(row.reason_sealed) for row in LegalHold.objects.all())


def test_lists_cost_the_same_whatever_they_hold(ana, ben, organisations, django_assert_max_num_queries):
    for person in (ana, *(desk(organisations["aster"], f"p{number}@aster.example") for number in range(4))):
        hold(organisations["aster"], "person", person.peer.user.id)
    admin = admin_of(organisations["aster"])
    with django_assert_max_num_queries(3):
        assert len(holds_list(peer=admin)) == 5
    with django_assert_max_num_queries(2):
        assert {row["address"] for row in hold_choices(peer=admin)["people"]} >= {ana.login}


def test_a_shared_mailbox_may_be_held_by_its_name(organisations):
    aster = organisations["aster"]
    with scopes_disabled():
        box = Mailbox(tenant=aster, kind=Mailbox.Kind.SHARED)
        box.name, box.address = "Invoices", "invoices@aster.example"
        box.save()
    hold(aster, "mailbox", box.id)
    admin = admin_of(aster)
    assert holds_list(peer=admin)[0]["name"] == "Invoices (invoices@aster.example)"
    assert hold_choices(peer=admin)["mailboxes"] == [
        {"id": str(box.id), "name": "Invoices", "address": "invoices@aster.example"}
    ]


def test_malware_that_a_policy_would_destroy_is_held_too(ana, ben, organisations, settings):
    if not os.environ["SEALPOST_TEST_CLAMD"]:
        pytest.skip("clamd is not installed")
    settings.SEALPOST_CLAMD = os.environ["SEALPOST_TEST_CLAMD"]
    policy(organisations["aster"], infected="discard")
    hold_id = hold(organisations["aster"], "person", ana.peer.user.id)
    kept_one = ana.work(ana.send(EICAR, to=[ben]))
    assert (kept_one["state"], len(files())) == ("held", 1)
    lift(organisations["aster"], hold_id)
    services.job_retry(peer=ana.peer, message_id=UUID(kept_one["id"]))
    assert (ana.work(kept_one)["state"], len(files())) == ("cancelled", 0)


def test_a_closed_tenant_s_held_things_outlive_it_as_long_as_its_keys_do(ana, ben, organisations):
    """Who closes a tenant asks `tenant_holds_exist` first; what erases meanwhile asks as it always does."""
    message = delivered(ana, ben)
    hold(organisations["birch"], "message", message["id"])
    with scopes_disabled():
        Tenant.objects.filter(id=organisations["birch"].id).update(state=Tenant.State.CLOSED)
    everything_passes(message, ana)
    assert kept(message) == (False, True)
    assert selectors.tenant_holds_exist(organisations["birch"].id)
