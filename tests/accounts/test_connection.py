"""Partner connections: proposed to an address that nobody is told of, accepted, suspended, ended; and their terms."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent, Connection, ConnectionProposal, Notification, User
from accounts.peer import Peer
from accounts.selectors import connected_tenants
from accounts.services import (
    connection_end,
    connection_propose,
    connection_resume,
    connection_suspend,
    connections_show,
    proposal_decide,
    proposal_withdraw,
    terms_change,
    user_issue,
)
from tests.accounts.client import sign_in
from tests.accounts.conftest import organisation
from tests.refusal import refused

pytestmark = pytest.mark.django_db


def admin(name: str, role: str = User.Role.ADMIN) -> Peer:
    """An admin of a new organisation, who signs in without Argon2."""
    issued = user_issue(
        tenant=organisation(name), login=f"admin@{name.lower()}.example", name=name, kind="machine", role=role
    )
    return sign_in(issued.login, issued.passphrase).peer()


@pytest.fixture
def ana(db) -> Peer:
    return admin("Aster")


@pytest.fixture
def ben(db) -> Peer:
    return admin("Birch")


@pytest.fixture
def connection(ana, ben):
    connection_propose(peer=ana, address=ben.user.login)
    return proposal_decide(peer=ben, proposal_id=incoming(ben), accept=True)


def incoming(peer: Peer):
    (proposal,) = connections_show(peer=peer)["incoming"]
    return proposal["id"]


def connected(one: Peer, other: Peer) -> bool:
    with scopes_disabled():
        return other.tenant.id in connected_tenants(one.tenant.id)


def test_a_proposal_that_is_accepted_connects(ana, ben):
    connection_propose(peer=ana, address=f" {ben.user.login.upper()} ")
    assert not connected(ana, ben)
    assert [row["address"] for row in connections_show(peer=ana)["proposed"]] == [ben.user.login]
    proposal_decide(peer=ben, proposal_id=incoming(ben), accept=True)
    assert connected(ana, ben)
    assert connected(ben, ana)
    for peer, other in ((ana, "Birch"), (ben, "Aster")):
        shown = connections_show(peer=peer)
        assert [(row["tenant"], row["state"]) for row in shown["connections"]] == [(other, "active")]
        assert shown["proposed"] == shown["incoming"] == []


def test_nobody_is_told_whose_an_address_is(ana, ben):
    answers = [connection_propose(peer=ana, address=login) for login in (ben.user.login, "nobody@nowhere.example")]
    assert len(set(map(type, answers))) == 1
    shown = connections_show(peer=ana)["proposed"]
    assert {tuple(sorted(row)) for row in shown} == {("address", "expires_at", "id")}


def test_the_admins_of_the_other_side_are_told_once(ana, ben):
    for _ in range(2):
        connection_propose(peer=ana, address=ben.user.login)
    with scopes_disabled():
        assert Notification.objects.filter(event="connection_proposed", user_id=ben.user.id).count() == 1
        assert ConnectionProposal.objects.count() == 1


@pytest.mark.parametrize("wrong", ["own", "no address", "member", "twice decided", "expired", "another's", "withdrawn"])
def test_what_cannot_be_proposed_or_decided_is_refused(ana, ben, wrong):
    if wrong == "own":
        with refused("connection_invalid"):
            connection_propose(peer=ana, address=ana.user.login)
    elif wrong == "no address":
        with refused("login_invalid"):
            connection_propose(peer=ana, address="Birch")
    elif wrong == "member":
        with refused("role_forbidden"):
            connection_propose(peer=admin("Cedar", User.Role.MEMBER), address=ben.user.login)
    else:
        proposal = connection_propose(peer=ana, address=ben.user.login)
        if wrong == "twice decided":
            proposal_decide(peer=ben, proposal_id=proposal, accept=False)
        elif wrong == "expired":
            with scopes_disabled():
                ConnectionProposal.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        elif wrong == "withdrawn":
            proposal_withdraw(peer=ana, proposal_id=proposal)
        who = admin("Dew") if wrong == "another's" else ben
        with refused("not_found"):
            proposal_decide(peer=who, proposal_id=proposal, accept=True)
        assert not connected(ana, ben)


def test_who_proposes_cannot_accept_it_themselves(ana, ben):
    proposal = connection_propose(peer=ana, address=ben.user.login)
    with refused("not_found"):
        proposal_decide(peer=ana, proposal_id=proposal, accept=True)


def test_a_proposal_is_withdrawn_by_its_own_side_alone(ana, ben):
    proposal = connection_propose(peer=ana, address=ben.user.login)
    with refused("not_found"):
        proposal_withdraw(peer=ben, proposal_id=proposal)
    proposal_withdraw(peer=ana, proposal_id=proposal)
    with refused("not_found"):
        proposal_withdraw(peer=ana, proposal_id=proposal)


def test_either_suspends_at_once_and_only_it_resumes(ana, ben, connection):
    connection_suspend(peer=ana, connection_id=connection)
    assert not connected(ben, ana)
    with refused("connection_suspended_by_other"):
        connection_resume(peer=ben, connection_id=connection)
    connection_suspend(peer=ben, connection_id=connection)
    connection_resume(peer=ana, connection_id=connection)
    assert not connected(ana, ben), "the other side's suspension stands"
    (shown,) = connections_show(peer=ana)["connections"]
    assert (shown["suspended_by_us"], shown["suspended_by_them"]) == (False, True)
    connection_resume(peer=ben, connection_id=connection)
    assert connected(ana, ben)


def test_either_ends_it_and_it_can_be_proposed_anew(ana, ben, connection):
    connection_end(peer=ben, connection_id=connection)
    assert not connected(ana, ben)
    for work in (connection_suspend, connection_resume, connection_end):
        with refused("not_found"):
            work(peer=ana, connection_id=connection)
    connection_propose(peer=ben, address=ana.user.login)
    assert proposal_decide(peer=ana, proposal_id=incoming(ana), accept=True) == connection
    assert connected(ana, ben)


def test_a_third_organisation_knows_nothing_of_a_connection(ana, ben, connection):
    cem = admin("Cedar")
    for work in (connection_suspend, connection_resume, connection_end):
        with refused("not_found"):
            work(peer=cem, connection_id=connection)
    with refused("not_found"):
        terms_change(peer=cem, connection_id=connection, direction="in", members={})
    assert connections_show(peer=cem)["connections"] == []


def test_both_chains_say_what_happened_and_name_their_own_people_alone(ana, ben, connection):
    connection_suspend(peer=ana, connection_id=connection)
    for peer, actors in ((ana, [None, ana.user.id]), (ben, [ben.user.id, None])):
        with scope(tenant=peer.tenant):
            events = AuditEvent.objects.filter(subject=connection).order_by("seq")
            assert [event.action for event in events] == ["connection.created", "connection.suspended"]
            assert [event.actor for event in events] == actors


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"upload_max": 0}, "upload_max"),
        ({"types_refused": ["not a type"]}, "types_refused"),
        ({"expires_days_most": 100_000}, "expires_days_most"),
        ({"nonsense": 1}, "nonsense"),
        ({"senders": ["x"]}, "senders"),
        ({"senders": [str(uuid4())]}, "senders"),
    ],
)
def test_terms_out_of_bounds_are_refused_with_their_field(ana, connection, members, field):
    with refused("rules_invalid") as refusal:
        terms_change(peer=ana, connection_id=connection, direction="out", members=members)
    assert refusal.error.members["field"].startswith(field)


def test_terms_name_one_s_own_people_alone_and_are_audited_before_and_after(ana, ben, connection):
    with refused("rules_invalid"):
        terms_change(peer=ana, connection_id=connection, direction="out", members={"senders": [str(ben.user.id)]})
    for most in (7, 5):
        terms_change(peer=ana, connection_id=connection, direction="out", members={"expires_days_most": most})
    with scope(tenant=ana.tenant):
        event = AuditEvent.objects.filter(action="connection.terms").order_by("-seq").first()
    assert event.details == {"direction": "out", "changed": {"expires_days_most": [7, 5]}}
    (shown,) = connections_show(peer=ben)["connections"]
    assert shown["theirs"]["out"] == {"expires_days_most": 5}
    assert shown["ours"] == {"out": {}, "in": {}}


def test_the_page_takes_the_same_queries_however_many_partners(ana, ben, connection, django_assert_max_num_queries):
    from django.db import connection as database
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(database) as few:
        connections_show(peer=ana)
    for name in ("Cedar", "Dew", "Elm"):
        other = admin(name)
        connection_propose(peer=other, address=ana.user.login)
        proposal_decide(peer=ana, proposal_id=incoming(ana), accept=True)
    with django_assert_max_num_queries(len(few) + 3):  # a key ring each of the new names
        connections_show(peer=ana)
    with scopes_disabled():
        assert Connection.objects.count() == 4
