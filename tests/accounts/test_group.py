"""Groups: made by admins, sent to by those who may, each member once."""

from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope, scopes_disabled

from accounts.errors import ColleagueUnknown, LoginInvalid, LoginTaken, NameInvalid, NotFound, RoleForbidden
from accounts.models import Address, AuditEvent, Group, GroupMember, User
from accounts.services import (
    connection_create,
    group_change,
    group_create,
    group_delete,
    group_list,
    group_member_remove,
    group_members_add,
    group_show,
    user_invite,
)
from exchange import services
from exchange.errors import RecipientUnreachable
from tests.accounts.conftest import organisation
from tests.exchange.desk import Desk, desk
from tests.exchange.outside import policy

pytestmark = pytest.mark.django_db
SALES = "sales@aster.example"


class Office:
    """Aster with an admin, Ana and Abe, and a group of both; Ben of Birch, which is connected."""

    def __init__(self) -> None:
        aster, birch = map(organisation, ("Aster Legal", "Birch Supply"))
        connection_create(first=aster, second=birch)
        self.aster, self.birch = aster, birch
        self.admin = desk(aster, "admin@aster.example", role="admin")
        self.ana, self.abe = desk(aster, "ana@aster.example"), desk(aster, "abe@aster.example")
        self.ben = desk(birch, "ben@birch.example", role="admin")
        made = group_create(peer=self.admin.peer, address=SALES, name="Sales", members=[self.ana.login, self.abe.login])
        self.group = UUID(made["id"])

    def open_to_partners(self) -> None:
        group_change(peer=self.admin.peer, group_id=self.group, partners_may_send=True)

    def sent(self, sender: Desk, *to: str) -> dict:
        return sender.work(sender.send(b"offer", recipients=list(to)))

    def events(self) -> list[tuple[str, dict]]:
        with scope(tenant=self.aster):
            rows = AuditEvent.objects.filter(action__startswith="group.").order_by("seq")
            return [(row.action, row.details) for row in rows]


@pytest.fixture
def office(db) -> Office:
    return Office()


def inbox(reader: Desk) -> int:
    return len(services.inbox_list(peer=reader.peer)["messages"])


# Refusals first.


@pytest.mark.parametrize("role", ["member", "auditor"])
def test_only_admins_see_and_change_groups(office, role):
    peer = desk(office.aster, "somebody@aster.example", role=role).peer
    for refused in (
        lambda: group_list(peer=peer),
        lambda: group_show(peer=peer, group_id=office.group),
        lambda: group_create(peer=peer, address="new@aster.example", name="New"),
        lambda: group_change(peer=peer, group_id=office.group, partners_may_send=True),
        lambda: group_members_add(peer=peer, group_id=office.group, logins=["ana@aster.example"]),
        lambda: group_member_remove(peer=peer, group_id=office.group, user_id=office.ana.peer.user.id),
        lambda: group_delete(peer=peer, group_id=office.group),
    ):
        with pytest.raises(RoleForbidden):
            refused()
    assert len(group_show(peer=office.admin.peer, group_id=office.group)["members"]) == 2


def test_a_group_of_another_organisation_is_not_there(office):
    for peer, group in ((office.ben.peer, office.group), (office.admin.peer, uuid4())):
        for refused in (
            lambda: group_show(peer=peer, group_id=group),  # noqa: B023
            lambda: group_change(peer=peer, group_id=group, name="Mine"),  # noqa: B023
            lambda: group_members_add(peer=peer, group_id=group, logins=[peer.user.login]),  # noqa: B023
            lambda: group_member_remove(peer=peer, group_id=group, user_id=office.ana.peer.user.id),  # noqa: B023
            lambda: group_delete(peer=peer, group_id=group),  # noqa: B023
        ):
            with pytest.raises(NotFound):
                refused()
    assert group_list(peer=office.ben.peer) == []


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"address": "no address"}, LoginInvalid), ({"address": ""}, LoginInvalid), ({"name": "  "}, NameInvalid),
        ({"name": "x" * 121}, NameInvalid), ({"address": "ANA@aster.example"}, LoginTaken),
        ({"address": SALES}, LoginTaken), ({"members": ["ana@aster.example", "ben@birch.example"]}, ColleagueUnknown),
    ],
)  # fmt: skip
def test_what_is_wrong_makes_no_group(office, changed, refusal):
    with pytest.raises(refusal):
        group_create(peer=office.admin.peer, **({"address": "new@aster.example", "name": "New"} | changed))
    assert [one["name"] for one in group_list(peer=office.admin.peer)] == ["Sales"]
    with scopes_disabled():
        assert Address.objects.filter(kind=Address.Kind.GROUP).count() == 1


def test_those_who_cannot_be_members_are_named_and_nobody_is_added(office):
    auditor = desk(office.aster, "auditor@aster.example", role="auditor")
    logins = [office.admin.login, auditor.login, office.ben.login, "nobody@aster.example", SALES]
    with pytest.raises(ColleagueUnknown) as refused:
        group_members_add(peer=office.admin.peer, group_id=office.group, logins=logins)
    assert refused.value.members == {"logins": logins[1:]}
    assert len(group_show(peer=office.admin.peer, group_id=office.group)["members"]) == 2


def test_a_partner_gets_the_answer_of_an_unknown_address(office):
    policy(office.ben.peer.tenant, guests_invited_by="nobody")
    answers = []
    for address in (SALES, "nobody@aster.example"):
        with CaptureQueriesContext(connection) as captured:
            found = services.recipients_check(peer=office.ben.peer, logins=[address])
        with pytest.raises(RecipientUnreachable) as refused:
            office.sent(office.ben, address)
        assert refused.value.members["logins"] == [address]
        answers.append((len(captured), found[0] | {"login": ""}, refused.value.sentence))
    assert answers[0] == answers[1]
    office.open_to_partners()
    assert services.recipients_check(peer=office.ben.peer, logins=[SALES])[0]["reachable"] is True


def test_a_group_that_nobody_is_in_is_told_before_anything_is_sent(office):
    empty = group_create(peer=office.admin.peer, address="none@aster.example", name="None")
    with pytest.raises(RecipientUnreachable) as refused:
        office.sent(office.ana, empty["address"], office.abe.login)
    assert refused.value.members == {"logins": ["none@aster.example"]}
    assert "nobody in it" in refused.value.sentence
    assert inbox(office.abe) == 0


# Sending.


def test_a_message_to_a_group_is_delivered_to_each_member_once(office):
    shown = office.sent(office.admin, SALES)
    assert sorted((one["login"], one["state"]) for one in shown["deliveries"]) == [
        ("abe@aster.example", "delivered"), ("ana@aster.example", "delivered"),
    ]  # fmt: skip
    assert (inbox(office.ana), inbox(office.abe)) == (1, 1)


def test_who_is_named_beside_their_groups_gets_it_once(office):
    both = group_create(
        peer=office.admin.peer,
        address="both@aster.example",
        name="Both",
        members=[office.ana.login, office.admin.login],
    )
    shown = office.sent(office.ana, office.abe.login, SALES, both["address"])
    assert sorted(one["login"] for one in shown["deliveries"]) == [
        "abe@aster.example", "admin@aster.example", "ana@aster.example",
    ]  # fmt: skip
    assert (inbox(office.ana), inbox(office.abe), inbox(office.admin)) == (1, 1, 1)


def test_a_partner_sends_where_the_group_takes_it(office):
    office.open_to_partners()
    shown = office.sent(office.ben, SALES)
    assert {one["tenant"] for one in shown["deliveries"]} == {"Aster Legal"}
    assert (inbox(office.ana), inbox(office.abe)) == (1, 1)


def test_members_who_have_left_or_may_not_receive_any_more_are_passed_over(office):
    with scope(tenant=office.aster):
        User.objects.filter(id=office.abe.peer.user.id).update(state=User.State.REMOVED)
    assert [one["login"] for one in office.sent(office.admin, SALES)["deliveries"]] == ["ana@aster.example"]
    members = group_show(peer=office.admin.peer, group_id=office.group)["members"]
    assert [one["login"] for one in members] == ["ana@aster.example"]


def test_a_member_who_has_not_enrolled_is_waited_for(office):
    with scopes_disabled():
        user_invite(tenant=office.aster, login="ida@aster.example", name="Ida")
    group_members_add(peer=office.admin.peer, group_id=office.group, logins=["ida@aster.example"])
    states = {one["login"]: one["state"] for one in office.sent(office.admin, SALES)["deliveries"]}
    assert states["ida@aster.example"] == "invited"


# Changing.


def test_members_come_and_go_and_what_was_sent_stays(office):
    office.sent(office.admin, SALES)
    added = group_members_add(
        peer=office.admin.peer, group_id=office.group, logins=["ADMIN@aster.example", office.ana.login]
    )
    assert [one["name"] for one in added["members"]] == ["Abe", "Admin", "Ana"]
    group_member_remove(peer=office.admin.peer, group_id=office.group, user_id=office.ana.peer.user.id)
    with pytest.raises(NotFound):
        group_member_remove(peer=office.admin.peer, group_id=office.group, user_id=office.ana.peer.user.id)
    office.sent(office.abe, SALES)
    assert (inbox(office.ana), inbox(office.abe), inbox(office.admin)) == (1, 2, 1)


def test_a_deleted_group_gives_its_address_free_and_undelivers_nothing(office):
    policy(office.admin.peer.tenant, guests_invited_by="nobody")
    office.sent(office.admin, SALES)
    group_delete(peer=office.admin.peer, group_id=office.group)
    with scopes_disabled():
        assert not Group.objects.exists()
        assert not GroupMember.objects.exists()
    with pytest.raises(RecipientUnreachable):
        office.sent(office.admin, SALES)
    assert inbox(office.ana) == 1
    services.mailbox_create(peer=office.admin.peer, address=SALES, name="Sales")


def test_a_group_goes_by_its_new_name(office):
    changed = group_change(peer=office.admin.peer, group_id=office.group, name=" Sales  team ")
    assert (changed["name"], changed["address"]) == ("Sales team", SALES)
    assert services.recipients_check(peer=office.ana.peer, logins=[SALES])[0]["name"] == "Sales team"


def test_what_is_done_is_recorded_without_a_name(office):
    ana, abe = (str(one.peer.user.id) for one in (office.ana, office.abe))
    office.open_to_partners()
    office.open_to_partners()
    group_change(peer=office.admin.peer, group_id=office.group, name="Else")
    group_member_remove(peer=office.admin.peer, group_id=office.group, user_id=office.ana.peer.user.id)
    group_delete(peer=office.admin.peer, group_id=office.group)
    assert office.events() == [
        ("group.created", {"partners_may_send": False}),
        ("group.member_added", {"user": ana}),
        ("group.member_added", {"user": abe}),
        ("group.changed", {"partners_may_send": True}),
        ("group.renamed", {}),
        ("group.member_removed", {"user": ana}),
        ("group.deleted", {}),
    ]
