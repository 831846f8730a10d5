"""Changing rules: refused where they are no rules, audited with before and after, and never lost to another change."""

import json
import threading
from dataclasses import replace

import pytest
from django.db import connection
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent, PlatformRules, RulesKind, TenantRules, User
from accounts.rules import platform_members, policy_of, quotas_of, ruling_of, rulings_of
from accounts.selectors import rules_history, rules_version
from accounts.services import (
    chain_verify,
    platform_rules_change,
    policy_change,
    policy_change_operator,
    quotas_change,
    user_issue,
)
from tests.accounts.client import sign_in
from tests.accounts.conftest import organisation
from tests.refusal import refused

POLICY, QUOTAS = RulesKind.POLICY, RulesKind.QUOTAS
STAMP = {"step": "pdf.stamp", "parameters": {"text": "Top secret of Aster"}}


@pytest.fixture
def aster(db):
    return organisation("Aster Legal")


@pytest.fixture
def admin(aster):
    issued = user_issue(tenant=aster, login="admin@aster.example", role=User.Role.ADMIN, kind="machine")
    return sign_in(issued.login, issued.passphrase).peer()


def changed(peer, version=0, **members) -> int:
    return policy_change(peer=peer, members=members, expected_version=version)


def events(tenant) -> list[AuditEvent]:
    with scope(tenant=tenant):
        found = AuditEvent.objects.filter(action__regex=r"^(policy|quotas)\.").order_by("seq")
        return list(found)


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"expires": 3}, "expires"),
        ({"expires_days_most": 0}, "expires_days_most"),
        ({"expires_days_most": 3651}, "expires_days_most"),
        ({"expires_days_most": "7"}, "expires_days_most"),
        ({"expires_days_most": True}, "expires_days_most"),
        ({"expires_days_most": 7, "expires_days_default": 8}, "expires_days_default"),
        ({"expires_days_default": 91}, "expires_days_default"),
        ({"downloads_most": 0}, "downloads_most"),
        ({"types_refused": ["zip"]}, "types_refused"),
        ({"types_refused": ["*/*"]}, "types_refused"),
        ({"types_refused": "application/zip"}, "types_refused"),
        ({"types_allowed": [f"a/b{number}" for number in range(101)]}, "types_allowed"),
        ({"not_scanned": "ignore"}, "not_scanned"),
        ({"infected": "deliver"}, "infected"),
        ({"mandatory_steps": [{"name": "pdf.stamp"}]}, "mandatory_steps"),
        ({"idle_lock_seconds": 4}, "idle_lock_seconds"),
        ({"save_plain": "no"}, "save_plain"),
        ({"guests_invited_by": None}, "guests_invited_by"),
        ({"retention_days": -1}, "retention_days"),
        ({"upload_max": 5}, "upload_max"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_name_and_changes_nothing(admin, aster, members, field):
    with refused("rules_invalid") as refusal:
        changed(admin, **members)
    assert refusal.error.members == {"field": field}
    assert refusal.error.sentence.endswith("Nothing was changed.")
    assert rules_version(aster.id, POLICY) == 0
    assert events(aster) == []


def test_a_change_holds_at_once_and_what_is_left_out_is_the_default_again(admin, aster):
    assert changed(admin, expires_days_most=7, types_refused=["application/zip"]) == 1
    ruling = ruling_of(aster.id)
    assert (ruling.policy.expires_days_most, ruling.policy.expires_days_default) == (7, 7)
    assert ruling.policy.types_refused == ("application/zip",)
    assert [ruling.set_by(name) for name in ("expires_days_most", "downloads_most")] == ["organisation", "platform"]
    assert changed(admin, 1, types_refused=["application/zip"]) == 2
    assert policy_of(aster.id).expires_days_most == 90


def test_the_same_again_is_no_new_version(admin, aster):
    assert changed(admin, expires_days_most=7) == changed(admin, 1, expires_days_most=7) == 1
    assert len(events(aster)) == 1


def test_each_change_is_audited_with_before_and_after_of_what_differs(admin, aster):
    changed(admin, expires_days_most=30, not_scanned="hold")
    changed(admin, 1, expires_days_most=7, not_scanned="hold")
    changed(admin, 2, not_scanned="hold")
    assert [event.details for event in events(aster)] == [
        {"version": 1, "before": {}, "after": {"expires_days_most": 30, "not_scanned": "hold"}},
        {"version": 2, "before": {"expires_days_most": 30}, "after": {"expires_days_most": 7}},
        {"version": 3, "before": {"expires_days_most": 7}, "after": {}},
    ]
    assert {event.actor for event in events(aster)} == {admin.user.id}
    with scope(tenant=aster):
        assert chain_verify(tenant_id=aster.id).finding is None


def test_the_text_of_a_mandatory_step_lies_sealed_and_is_not_in_the_audit_log(admin, aster):
    changed(admin, mandatory_steps=[STAMP])
    with scope(tenant=aster):
        row = TenantRules.objects.get()
        assert "secret" not in json.dumps(row.members).lower()
        assert b"secret" not in bytes(row.parameters_sealed)
    assert policy_of(aster.id).mandatory_steps[0].parameters == STAMP["parameters"]
    (event,) = events(aster)
    (said,) = event.details["after"]["mandatory_steps"]
    assert (said["step"], len(said["digest"]), "secret" in json.dumps(event.details)) == ("pdf.stamp", 64, False)
    other = STAMP | {"parameters": {"text": "Another"}}
    changed(admin, 1, mandatory_steps=[other])
    assert events(aster)[1].details["before"]["mandatory_steps"] == [said]
    assert events(aster)[1].details["after"]["mandatory_steps"] != [said]


@pytest.mark.parametrize("role", [User.Role.MEMBER, User.Role.AUDITOR])
def test_only_an_admin_changes_a_policy(admin, aster, role):
    somebody = replace(admin, user=User(tenant=aster, role=role))
    with refused("role_forbidden"):
        changed(somebody, expires_days_most=7)
    assert rules_version(aster.id, POLICY) == 0


def test_a_change_of_what_was_changed_meanwhile_is_refused_and_nothing_is_lost(admin, aster):
    changed(admin, expires_days_most=30)
    for version in (0, 2):
        with refused("rules_changed_meanwhile") as refusal:
            changed(admin, version, expires_days_most=7)
        assert refusal.error.status == 409
    assert policy_of(aster.id).expires_days_most == 30
    assert len(events(aster)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_change_at_once_one_wins_and_the_others_are_told(admin, aster):
    answers: list[str] = []

    def change(days: int) -> None:
        try:
            answers.append(f"version {changed(admin, expires_days_most=days)}")
        except Exception as error:  # shown below
            answers.append(getattr(error, "code", repr(error)))
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=(days,)) for days in range(1, 7)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == ["rules_changed_meanwhile"] * 5 + ["version 1"]
    assert len(events(aster)) == 1


def test_an_operator_sets_defaults_and_whom_they_concern_has_it_in_the_log(admin, aster):
    birch = organisation("Birch Supply")
    changed(admin, expires_days_most=60)
    assert platform_rules_change(kind=POLICY, members={"expires_days_most": 30}, operator="7") == 1
    assert (policy_of(aster.id).expires_days_most, policy_of(birch.id).expires_days_most) == (60, 30)
    assert [event.action for event in events(aster)] == ["policy.changed"]
    (event,) = events(birch)
    details = {"version": 1, "operator": "7", "before": {}, "after": {"expires_days_most": 30}}
    assert (event.action, event.actor, event.details) == ("policy.default_changed", None, details)
    with refused("rules_changed_meanwhile"):
        platform_rules_change(kind=POLICY, members={}, operator="7", expected_version=0)
    with refused("rules_invalid"):
        platform_rules_change(kind=POLICY, members={"expires_days_most": 0}, operator="7")
    with scopes_disabled():
        assert PlatformRules.objects.count() == 1
    assert platform_members(POLICY)["expires_days_most"] == 30


def test_an_operator_sets_quotas_of_one_organisation_and_of_all(aster):
    assert quotas_change(tenant=aster, members={"people": 5}, operator="7", expected_version=0) == 1
    platform_rules_change(kind=QUOTAS, members={"people": 10, "files_max": 3}, operator="7")
    assert (quotas_of(aster.id).people, quotas_of(aster.id).files_max) == (5, 3)
    with refused("rules_invalid") as refusal:
        quotas_change(tenant=aster, members={"save_plain": True}, operator="7")
    assert refusal.error.members == {"field": "save_plain"}
    said = [(event.action, event.actor, event.details["after"]) for event in events(aster)]
    assert said == [("quotas.changed", None, {"people": 5}), ("quotas.default_changed", None, {"files_max": 3})]
    assert events(aster)[0].details["operator"] == "7"


def test_an_operator_sets_a_policy_and_leaves_its_steps(admin, aster):
    changed(admin, expires_days_most=30, mandatory_steps=[STAMP])
    given = {"tenant": aster, "members": {"save_plain": False}, "operator": "7"}
    with refused("rules_changed_meanwhile"):
        policy_change_operator(**given, expected_version=0)
    assert policy_change_operator(**given, expected_version=1) == 2
    policy, own = policy_of(aster.id), ruling_of(aster.id).own
    assert (policy.save_plain, policy.mandatory_steps[0].parameters["text"]) == (False, STAMP["parameters"]["text"])
    assert own == {"save_plain", "mandatory_steps"}, "what is left out is the default again"
    last = events(aster)[-1]
    assert (last.action, last.actor, last.details) == (
        "policy.changed", None,
        {"version": 2, "operator": "7", "before": {"expires_days_most": 30}, "after": {"save_plain": False}},
    )  # fmt: skip
    with refused("rules_invalid") as refusal:
        policy_change_operator(tenant=aster, members={"mandatory_steps": []}, operator="7", expected_version=2)
    assert refusal.error.members == {"field": "mandatory_steps"}
    with scope(tenant=aster):
        assert chain_verify(tenant_id=aster.id).finding is None


def test_an_operator_sets_no_policy_where_nobody_is(aster):
    aster.state = aster.State.CLOSED
    with refused("tenant_state_invalid"):
        policy_change_operator(tenant=aster, members={"save_plain": False}, operator="7", expected_version=0)
    assert rules_version(aster.id, POLICY) == 0


def test_history_says_who_what_and_from_what(admin, aster):
    changed(admin, expires_days_most=30)
    platform_rules_change(kind=POLICY, members={"not_scanned": "hold"}, operator="7")
    changed(admin, 1, expires_days_most=7)
    history = rules_history(aster.id, POLICY)
    assert [(one["by"], one["set_by"], one["version"]) for one in history] == [
        ("admin", "organisation", 2), ("", "platform", 1), ("admin", "organisation", 1),
    ]  # fmt: skip
    assert [one["changes"] for one in history] == [
        [{"member": "expires_days_most", "before": 30, "after": 7}],
        [{"member": "not_scanned", "after": "hold"}],
        [{"member": "expires_days_most", "after": 30}],
    ]
    assert rules_history(organisation("Birch").id, POLICY) == history[1:2]


def test_a_long_history_is_cut_and_says_nothing_wrong_at_its_end(admin, aster, django_assert_num_queries):
    for number in range(53):
        changed(admin, number, expires_days_most=number + 20)
    with django_assert_num_queries(3):
        history = rules_history(aster.id, POLICY)
    assert len(history) == 50
    assert history[-1]["changes"] == [{"member": "expires_days_most", "before": 22, "after": 23}]


def test_policies_of_many_cost_two_queries(admin, aster, django_assert_num_queries):
    changed(admin, expires_days_most=30)
    changed(admin, 1, expires_days_most=7)
    others = [organisation(f"Number {number}").id for number in range(5)]
    with django_assert_num_queries(2), scopes_disabled():
        rulings = rulings_of([aster.id, *others])
    assert [rulings[one].policy.expires_days_most for one in (aster.id, *others)] == [7] + [90] * 5
