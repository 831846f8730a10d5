"""The address book, and what the terms of a connection let through."""

from uuid import UUID

import pytest
from django.core.cache import cache
from django_scopes import scope, scopes_disabled

from accounts.models import Connection, Group, User
from accounts.selectors import directories_forget
from accounts.services import connection_suspend, terms_change
from exchange import services
from tests.exchange.desk import Desk, desk
from tests.exchange.outside import policy
from tests.refusal import refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    directories_forget()
    cache.clear()


def found(one: Desk, query: str) -> list[tuple[str, str]]:
    directories_forget()
    return [(row["login"], row["state"]) for row in services.contacts_search(peer=one.peer, query=query)]


def raised(one: Desk) -> Desk:
    """The same person as an admin."""
    with scope(tenant=one.peer.tenant):
        User.objects.filter(id=one.peer.user.id).update(role=User.Role.ADMIN)
    one.peer.user.role = User.Role.ADMIN
    return one


def connection_id() -> UUID:
    with scopes_disabled():
        return Connection.objects.get().id


def terms(one: Desk, direction: str, **members) -> None:
    terms_change(peer=raised(one).peer, connection_id=connection_id(), direction=direction, members=members)


def test_people_are_found_by_beginnings_of_their_names_and_by_their_addresses(ana, ben, cem):
    assert found(ana, "be") == [(ben.login, "connected")]
    assert found(ana, "BEN@bir") == [(ben.login, "connected")]
    assert found(ana, "cem") == [], "not connected"
    assert found(ana, "ana") == [], "not oneself"
    assert (ben.login, "connected") in found(ana, "")
    assert found(ana, "en") == [("ben@birch.example", "connected")], "part of the address"


def test_a_suspended_connection_shows_and_cannot_be_sent_to(ana, ben):
    policy(ana.peer.tenant, guests_invited_by="nobody")
    connection_suspend(peer=raised(ben).peer, connection_id=connection_id())
    assert found(ana, "ben") == [(ben.login, "suspended")]
    with refused("recipient_unreachable"):
        ana.send(b"x", to=[ben])


def test_at_most_twenty_are_shown_one_s_own_people_first(ana, ben):
    for number in range(25):
        desk(ana.peer.tenant, f"zoe{number:02}@aster.example")
    shown = found(ana, "e")
    assert len(shown) == 20
    assert {state for _, state in shown} == {"own"}


@pytest.mark.parametrize(("shown", "people"), [("everybody", True), ("mailboxes", False), ("nobody", False)])
def test_a_partner_s_policy_says_whom_others_find(ana, ben, shown, people):
    policy(ben.peer.tenant, directory_shown=shown)
    assert bool(found(ana, "ben")) == people
    ana.send(b"x", to=[ben])  # who knows the address reaches it all the same


def test_groups_are_found_by_partners_only_where_they_may_send(ana, ben):
    from accounts.models import Address
    from accounts.services.address import address_add

    with scope(tenant=ben.peer.tenant):
        group = Group(tenant=ben.peer.tenant)
        group.name = "Buyers"
        group.save()
        address_add(
            tenant=ben.peer.tenant, address="buyers@birch.example", name="Buyers", kind=Address.Kind.GROUP,
            target=group.id,
        )  # fmt: skip
        assert found(ben, "buyers") == [("buyers@birch.example", "own")]
        assert found(ana, "buyers") == []
        Group.objects.update(partners_may_send=True)
    assert found(ana, "buyers") == [("buyers@birch.example", "connected")]


def test_terms_of_the_receiving_side_hide_who_may_not_be_reached(ana, ben):
    policy(ana.peer.tenant, guests_invited_by="nobody")
    bob = desk(ben.peer.tenant, "bob@birch.example")
    terms(ben, "in", recipients=[str(bob.peer.user.id)])
    assert found(ana, "birch.example") == [(bob.login, "connected")]
    with refused("recipient_unreachable") as hidden:
        ana.send(b"x", to=[ben])
    with refused("recipient_unreachable") as unknown:
        ana.send(b"x", recipients=["nobody@birch.example"])
    assert hidden.error.sentence == unknown.error.sentence
    ana.send(b"x", to=[bob])


def test_terms_of_the_sending_side_name_who_may_send(ana, ben):
    art = desk(ana.peer.tenant, "art@aster.example")
    terms(ana, "out", senders=[str(art.peer.user.id)])
    with refused("policy_refused") as refusal:
        ana.send(b"x", to=[ben])
    assert refusal.error.members == {"policy": "senders", "set_by": "connection"}
    assert "Birch Supply" in refusal.error.sentence
    art.send(b"x", to=[ben])
    ana.send(b"x", to=[art])


@pytest.mark.parametrize("direction", ["out", "in"])
@pytest.mark.parametrize("member", ["types_refused", "types_allowed", "upload_max", "expires_days_most"])
def test_terms_of_either_side_tighten_what_passes(ana, ben, direction, member):
    value = {
        "types_refused": ["text/csv"], "types_allowed": ["application/pdf"], "upload_max": 3, "expires_days_most": 3,
    }[member]  # fmt: skip
    terms(ana if direction == "out" else ben, direction, **{member: value})
    upload = ana.upload(b"a,b\n1,2\n", name="table.csv")
    given = {"to": [ben], "uploads": [upload], "expires_days": 7}
    with refused("policy_refused") as refusal:
        ana.send(**given)
    assert refusal.error.members["set_by"] == "connection"
    assert refusal.error.members["policy"] == member
    ana.send(to=[ana], uploads=[upload], expires_days=7)


def test_terms_of_another_connection_do_not_matter(ana, ben, cem):
    terms(ana, "out", expires_days_most=3)
    with refused("policy_refused"):
        ana.send(b"x", to=[ben], expires_days=7)
    assert ana.send(b"x", to=[ana], expires_days=7)["state"] == "processing"


def test_a_type_that_only_the_content_tells_is_held_by_terms(ana, ben):
    terms(ben, "in", types_refused=["application/pdf"])
    message = ana.send(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", to=[ben])
    shown = ana.work(message)
    assert (shown["state"], shown["job"]["code"]) == ("held", "type_refused")
    assert "terms agreed" in shown["job"]["detail"]


def test_searching_takes_the_same_queries_however_many_partners(ana, ben, django_assert_max_num_queries):
    services.contacts_search(peer=ana.peer, query="b")
    with django_assert_max_num_queries(6):
        services.contacts_search(peer=ana.peer, query="be")
