"""Shared mailboxes: who makes them, who reads them, and from which request on they do not any more."""

from uuid import UUID, uuid4

import pytest
from django_scopes import scope, scopes_disabled

from accounts.errors import ColleagueUnknown, LoginInvalid, LoginTaken, NameInvalid, NotFound, RoleForbidden
from accounts.models import Address, AuditEvent, Tenant, User
from accounts.services import connection_create, role_change, user_invite
from exchange import services
from exchange.errors import MailboxAdminLast, RecipientUnreachable
from exchange.models import Mailbox, MailboxMember
from sealpost.crypto.stream import SEGMENT
from tests.accounts.conftest import organisation
from tests.exchange.desk import Desk, desk
from tests.exchange.lifecycle import mails
from tests.exchange.outside import policy

pytestmark = pytest.mark.django_db
INVOICES = "invoices@aster.example"


class Office:
    """Aster with an admin, Ana, Abe and an auditor; Ben of Birch, which is connected; Cem of Cedar, which is not."""

    def __init__(self) -> None:
        aster, birch, cedar = map(organisation, ("Aster Legal", "Birch Supply", "Cedar Works"))
        connection_create(first=aster, second=birch)
        self.aster = aster
        self.admin = desk(aster, "admin@aster.example", role="admin")
        self.ana, self.abe = desk(aster, "ana@aster.example"), desk(aster, "abe@aster.example")
        self.auditor = desk(aster, "auditor@aster.example", role="auditor")
        self.ben, self.cem = desk(birch, "ben@birch.example"), desk(cedar, "cem@cedar.example", role="admin")
        self.mailbox = UUID(services.mailbox_create(peer=self.admin.peer, address=INVOICES, name="Invoices")["id"])

    def add(self, member: Desk, *, by: Desk | None = None, role: str = "member") -> dict:
        return services.mailbox_member_add(
            peer=(by or self.admin).peer, mailbox_id=self.mailbox, login=member.login, role=role
        )

    def remove(self, member: Desk, *, by: Desk | None = None) -> None:
        peer = (by or self.admin).peer
        services.mailbox_member_remove(peer=peer, mailbox_id=self.mailbox, user_id=member.peer.user.id)

    def sent(self, *contents: bytes) -> dict:
        """From Ben to the mailbox, delivered."""
        message = self.ben.send(*contents, recipients=[INVOICES])
        return self.ben.work(message)

    def change(self, **members: str) -> dict:
        return services.mailbox_change(peer=self.admin.peer, mailbox_id=self.mailbox, **members)

    def events(self, action: str) -> list[tuple[UUID, dict]]:
        with scope(tenant=self.aster):
            rows = AuditEvent.objects.filter(action=action).order_by("seq")
            return [(row.actor, row.details) for row in rows]


@pytest.fixture
def office(db) -> Office:
    return Office()


def listed(reader: Desk, mailbox: UUID) -> list[str]:
    return [item["id"] for item in services.inbox_list(peer=reader.peer, mailbox=mailbox)["messages"]]


def shown(reader: Desk, message: dict, mailbox: UUID | None = None) -> dict:
    return services.inbox_show(peer=reader.peer, message_id=UUID(message["id"]), mailbox=mailbox)


# Refusals first.


@pytest.mark.parametrize("who", ["ana", "auditor", "ben"])
def test_only_an_admin_of_the_organisation_makes_renames_or_closes_one(office, who):
    office.add(office.ana, role="admin")
    peer = getattr(office, who).peer
    for refused in (
        lambda: services.mailbox_create(peer=peer, address="other@aster.example", name="Other"),
        lambda: services.mailbox_change(peer=peer, mailbox_id=office.mailbox, name="Mine"),
        lambda: services.mailbox_change(peer=peer, mailbox_id=office.mailbox, state="closed"),
        lambda: services.mailboxes_all(peer=peer),
    ):
        with pytest.raises(RoleForbidden):
            refused()
    assert [one["name"] for one in services.mailboxes_all(peer=office.admin.peer)] == ["Invoices"]


@pytest.mark.parametrize(
    ("address", "name", "refusal"),
    [
        ("no address", "Name", LoginInvalid), ("", "Name", LoginInvalid), ("a" * 255 + "@b.c", "Name", LoginInvalid),
        ("new@aster.example", " \n ", NameInvalid), ("new@aster.example", "x" * 121, NameInvalid),
        ("new@aster.example", "a\x1b[2Jb", NameInvalid), ("ANA@aster.example", "Name", LoginTaken),
        (INVOICES, "Name", LoginTaken), ("ben@birch.example", "Name", LoginTaken),
    ],
)  # fmt: skip
def test_an_address_that_is_none_or_in_use_makes_no_mailbox(office, address, name, refusal):
    with pytest.raises(refusal):
        services.mailbox_create(peer=office.admin.peer, address=address, name=name)
    with scope(tenant=office.aster):
        assert Mailbox.objects.filter(kind="shared").count() == 1


def test_auditors_guests_and_people_of_others_are_never_members(office):
    with scopes_disabled():
        guests = organisation("Gil")
        Tenant.objects.filter(id=guests.id).update(kind=Tenant.Kind.GUEST)
    guest = desk(guests, "gil@outside.example", role="guest")
    for login in (office.auditor.login, guest.login, office.ben.login, "nobody@aster.example", INVOICES):
        with pytest.raises(ColleagueUnknown) as refused:
            services.mailbox_member_add(peer=office.admin.peer, mailbox_id=office.mailbox, login=login)
        assert refused.value.members == {"logins": [login]}
    with scope(tenant=office.aster):
        assert not MailboxMember.objects.filter(mailbox=office.mailbox).exists()


@pytest.mark.parametrize("stranger", ["abe", "ben", "cem", "auditor"])
def test_a_mailbox_of_others_is_not_there(office, stranger):
    office.add(office.ana)
    peer = getattr(office, stranger).peer
    ana = office.ana.peer.user.id
    message = office.sent(b"invoice")
    for refused in (
        lambda: services.inbox_list(peer=peer, mailbox=office.mailbox),
        lambda: services.inbox_page(peer=peer, mailbox=office.mailbox),
        lambda: services.inbox_show(peer=peer, message_id=UUID(message["id"]), mailbox=office.mailbox),
        lambda: services.inbox_show(peer=peer, message_id=UUID(message["id"])),
        lambda: services.mailbox_show(peer=peer, mailbox_id=office.mailbox),
        lambda: services.mailbox_member_add(peer=peer, mailbox_id=office.mailbox, login="abe@aster.example"),
        lambda: services.mailbox_member_change(peer=peer, mailbox_id=office.mailbox, user_id=ana, role="admin"),
        lambda: services.mailbox_member_remove(peer=peer, mailbox_id=office.mailbox, user_id=ana),
    ):
        with pytest.raises(NotFound):
            refused()


def test_a_plain_member_reads_and_manages_nobody(office):
    office.add(office.ana)
    office.add(office.abe)
    for refused in (
        lambda: office.add(office.admin, by=office.ana),
        lambda: office.add(office.ana, by=office.ana, role="admin"),
        lambda: office.remove(office.abe, by=office.ana),
    ):
        with pytest.raises(RoleForbidden):
            refused()
    detail = services.mailbox_show(peer=office.ana.peer, mailbox_id=office.mailbox)
    assert [(one["login"], one["role"]) for one in detail["members"]] == [
        ("abe@aster.example", "member"), ("ana@aster.example", "member"),
    ]  # fmt: skip
    assert (detail["role"], detail["managed"]) == ("member", False)


def test_somebody_s_own_mailbox_has_no_members_to_be_changed(office):
    office.ben.work(office.ben.send(b"x", to=[office.ana]))
    with scopes_disabled():
        own = Mailbox.objects.get(user=office.ana.peer.user).id
    for peer in (office.admin.peer, office.ana.peer):
        with pytest.raises(NotFound):
            services.mailbox_member_add(peer=peer, mailbox_id=own, login=office.abe.login)
        with pytest.raises(NotFound):
            services.mailbox_show(peer=peer, mailbox_id=own)
    with pytest.raises(NotFound):
        services.mailbox_change(peer=office.admin.peer, mailbox_id=own, state="closed")


def test_the_last_admin_of_a_mailbox_stays_while_there_are_members(office):
    office.add(office.ana, role="admin")
    office.add(office.abe)
    ana = office.ana.peer.user.id
    with pytest.raises(MailboxAdminLast):
        office.remove(office.ana, by=office.ana)
    with pytest.raises(MailboxAdminLast):
        services.mailbox_member_change(peer=office.ana.peer, mailbox_id=office.mailbox, user_id=ana, role="member")
    with pytest.raises(MailboxAdminLast):
        office.add(office.ana, by=office.ana, role="member")
    office.add(office.abe, by=office.ana, role="admin")
    office.remove(office.ana, by=office.ana)
    office.remove(office.abe, by=office.abe)  # nobody is left, so nobody is left without an admin
    assert services.mailbox_show(peer=office.admin.peer, mailbox_id=office.mailbox)["members"] == []


def test_an_admin_who_has_left_the_organisation_does_not_count_as_one(office):
    office.add(office.ana, role="admin")
    office.add(office.abe, role="admin")
    office.add(office.admin)
    with scope(tenant=office.aster):
        User.objects.filter(id=office.abe.peer.user.id).update(state=User.State.REMOVED)
    with pytest.raises(MailboxAdminLast):
        office.remove(office.ana, by=office.ana)
    names = [one["name"] for one in services.mailbox_show(peer=office.ana.peer, mailbox_id=office.mailbox)["members"]]
    assert names == ["Admin", "Ana"]


def test_an_admin_of_the_organisation_may_remove_even_the_last(office):
    office.add(office.ana, role="admin")
    office.add(office.abe)
    office.remove(office.ana)
    with pytest.raises(NotFound):
        office.remove(office.ana)


# Reading.


def test_each_member_reads_under_an_own_key_and_a_new_one_the_history_too(office):
    content = bytes(range(256)) * 9000  # three segments
    message = office.sent(content, b"second")
    office.add(office.ana)
    office.add(office.abe)
    for member in (office.ana, office.abe):
        documents = shown(member, message, office.mailbox)["documents"]
        assert [member.read(document) for document in documents] == [content, b"second"]
    transfers = [reader.transfer(documents[0], "preview") for reader in (office.ana, office.abe)]
    assert transfers[0]["kid"] != transfers[1]["kid"]
    assert office.ana.content(transfers[0]) != office.abe.content(transfers[1])
    late = desk(office.aster, "late@aster.example")
    office.add(late)
    assert listed(late, office.mailbox) == [message["id"]]
    assert [late.read(document) for document in shown(late, message)["documents"]] == [content, b"second"]


def test_a_removed_member_reads_nothing_from_the_next_request_on(office):
    office.add(office.ana)
    content = bytes(2 * SEGMENT)
    message = office.sent(content)
    document = shown(office.ana, message)["documents"][0]
    transfer = office.ana.transfer(document)
    assert len(office.ana.content(transfer, 0, SEGMENT)) == SEGMENT
    office.remove(office.ana)
    ana, found = office.ana.peer, UUID(transfer["transfer"])
    for refused in (
        lambda: office.ana.content(transfer, SEGMENT),
        lambda: services.transfer_received(peer=ana, transfer_id=found, sha256=document["sha256"]),
        lambda: office.ana.transfer(document),
        lambda: office.ana.transfer(document, "preview"),
        lambda: shown(office.ana, message),
        lambda: shown(office.ana, message, office.mailbox),
        lambda: services.inbox_list(peer=ana, mailbox=office.mailbox),
    ):
        with pytest.raises(NotFound):
            refused()
    assert [one["own"] for one in services.mailboxes_mine(peer=ana)] == [True]
    office.add(office.ana)
    assert office.ana.read(document) == content


def test_an_admin_who_is_no_member_reads_nothing_and_makes_themselves_one_for_all_to_see(office):
    message = office.sent(b"invoice")
    with pytest.raises(NotFound):
        services.inbox_list(peer=office.admin.peer, mailbox=office.mailbox)
    with pytest.raises(NotFound):
        shown(office.admin, message)
    detail = office.add(office.admin)
    assert detail["role"] == "member"
    assert office.admin.read(shown(office.admin, message)["documents"][0]) == b"invoice"
    admin = office.admin.peer.user.id
    assert office.events("mailbox.member_added") == [(admin, {"user": str(admin), "role": "member"})]


def test_the_log_tells_who_opened_and_took_what(office):
    office.add(office.ana)
    office.add(office.abe)
    message = office.sent(b"invoice")
    document = shown(office.ana, message)["documents"][0]
    for _ in range(2):
        shown(office.abe, message)
    office.ana.transfer(document, "preview")
    office.abe.read(document)
    ana, abe = office.ana.peer.user.id, office.abe.peer.user.id
    assert [actor for actor, _ in office.events("delivery.opened")] == [ana, abe]
    assert office.events("document.fetched") == [
        (ana, {"document": document["id"], "purpose": "preview"}),
        (abe, {"document": document["id"], "purpose": "save"}),
    ]
    assert office.events("document.received") == [(abe, {"document": document["id"]})]


def test_its_sender_sees_the_mailbox_as_a_recipient(office):
    office.add(office.ana)
    message = office.sent(b"invoice")
    delivery = office.ben.sent(message)["deliveries"][0]
    assert (delivery["login"], delivery["name"], delivery["tenant"], delivery["state"]) == (
        INVOICES, "Invoices", "Aster Legal", "delivered",
    )  # fmt: skip
    document = shown(office.ana, message)["documents"][0]
    assert office.ben.sent(message)["deliveries"][0]["state"] == "opened"
    office.ana.read(document)
    assert office.ben.sent(message)["deliveries"][0]["state"] == "downloaded"


def test_what_lies_in_two_mailboxes_is_told_apart(office):
    office.add(office.ana)
    message = office.ben.work(office.ben.send(b"both", recipients=[INVOICES, office.ana.login]))
    own, shared = shown(office.ana, message), shown(office.ana, message, office.mailbox)
    assert (own["mailbox"]["own"], shared["mailbox"]["name"], shared["mailbox"]["address"]) == (
        True, "Invoices", INVOICES,
    )  # fmt: skip
    assert own["documents"][0]["id"] != shared["documents"][0]["id"]
    office.remove(office.ana)
    assert shown(office.ana, message)["mailbox"]["own"] is True


def test_mailboxes_come_own_first_with_what_is_unread(office):
    mine = services.mailboxes_mine(peer=office.ana.peer)
    assert [(one["id"], one["own"], one["address"], one["unread"]) for one in mine] == [
        (None, True, "ana@aster.example", 0)
    ]
    office.add(office.ana, role="admin")
    first = office.sent(b"1")
    office.sent(b"2")
    office.ben.work(office.ben.send(b"x", to=[office.ana]))
    shown(office.ana, first)
    mine = services.mailboxes_mine(peer=office.ana.peer)
    assert [(one["name"], one["unread"], one["role"]) for one in mine] == [
        ("Ana", 1, "admin"),
        ("Invoices", 1, "admin"),
    ]
    page = services.inbox_page(peer=office.ana.peer, mailbox=office.mailbox)
    assert page["mailbox"]["name"] == "Invoices"
    assert services.inbox_page(peer=office.ana.peer)["mailbox"]["own"] is True


def test_the_mailbox_of_a_colleague_who_has_left_goes_by_their_name(office):
    office.ben.work(office.ben.send(b"for abe", to=[office.abe]))
    with scope(tenant=office.aster):
        User.objects.filter(id=office.abe.peer.user.id).update(state=User.State.REMOVED, login_index=None)
        box = Mailbox.objects.get(user=office.abe.peer.user)
        MailboxMember.objects.create(tenant=office.aster, mailbox=box, user=office.ana.peer.user)
    other = services.mailboxes_mine(peer=office.ana.peer)[1]
    assert (other["name"], other["left"], other["own"], other["unread"]) == ("Abe", True, False, 1)
    message = services.inbox_list(peer=office.ana.peer, mailbox=box.id)["messages"][0]
    detail = shown(office.ana, message, box.id)
    assert (detail["mailbox"]["name"], detail["mailbox"]["left"]) == ("Abe", True)
    assert office.ana.read(detail["documents"][0]) == b"for abe"
    assert [actor for actor, _ in office.events("document.fetched")] == [office.ana.peer.user.id]


# Changing.


def test_a_closed_mailbox_takes_nothing_more_and_is_still_read(office):
    policy(office.ben.peer.tenant, guests_invited_by="nobody")
    office.add(office.ana)
    message = office.sent(b"before")
    under_way = office.ben.send(b"under way", recipients=[INVOICES])
    assert office.change(state="closed")["state"] == "closed"
    with pytest.raises(RecipientUnreachable):
        office.ben.send(b"after", recipients=[INVOICES])
    assert office.ben.work(under_way)["job"]["code"] == "no_recipient_left"
    assert listed(office.ana, office.mailbox) == [message["id"]]
    assert office.ana.read(shown(office.ana, message)["documents"][0]) == b"before"
    office.change(state="open")
    assert office.sent(b"again")["deliveries"][0]["state"] == "delivered"
    services.job_retry(peer=office.ben.peer, message_id=UUID(under_way["id"]))
    assert office.ben.work(under_way)["deliveries"][0]["state"] == "delivered"
    actors = [office.events(f"mailbox.{what}")[0][0] for what in ("created", "closed", "reopened")]
    assert set(actors) == {office.admin.peer.user.id}


def test_a_closed_mailbox_keeps_its_address_from_others(office):
    office.change(state="closed")
    with pytest.raises(LoginTaken):
        services.mailbox_create(peer=office.admin.peer, address=INVOICES, name="Invoices 2")
    waiting = office.ben.work(office.ben.send(b"as to somebody outside", recipients=[INVOICES]))
    assert waiting["deliveries"][0]["state"] == "invited"  # and no guest takes the address
    with scopes_disabled():
        assert Address.objects.get(target=office.mailbox).open is False
        assert not User.objects.filter(role="guest").exists()
    with pytest.raises(RecipientUnreachable):
        office.ana.send(b"x", recipients=[INVOICES])
    office.change(state="open")
    assert office.sent(b"again")["deliveries"][0]["state"] == "delivered"


def test_a_mailbox_is_found_under_its_new_name_and_keeps_its_address(office):
    assert office.change(name="  Accounts   payable ")["name"] == "Accounts payable"
    found = services.recipients_check(peer=office.ben.peer, logins=[INVOICES])[0]
    assert (found["name"], found["kind"], found["reachable"]) == ("Accounts payable", "mailbox", True)
    with pytest.raises(NameInvalid):
        office.change(name=" ")
    office.change(name="Accounts payable", state="open")  # nothing new, so nothing is recorded
    assert len(office.events("mailbox.renamed")) == 1
    assert office.events("mailbox.reopened") == []


def test_an_organisation_that_is_not_connected_cannot_send_to_it(office):
    policy(office.cem.peer.tenant, guests_invited_by="nobody")
    with pytest.raises(RecipientUnreachable):
        office.cem.send(b"x", recipients=[INVOICES])


def test_somebody_invited_may_be_a_member_already(office):
    with scopes_disabled():
        user_invite(tenant=office.aster, login="ida@aster.example", name="Ida")
    detail = services.mailbox_member_add(peer=office.admin.peer, mailbox_id=office.mailbox, login="IDA@aster.example")
    assert [(one["login"], one["state"]) for one in detail["members"]] == [("ida@aster.example", "invited")]


def test_unknown_ids_are_not_there(office):
    for refused in (
        lambda: services.mailbox_show(peer=office.admin.peer, mailbox_id=uuid4()),
        lambda: services.mailbox_change(peer=office.admin.peer, mailbox_id=uuid4(), name="x"),
        lambda: services.mailbox_member_change(
            peer=office.admin.peer, mailbox_id=office.mailbox, user_id=uuid4(), role="admin"
        ),
        lambda: services.mailbox_member_remove(peer=office.cem.peer, mailbox_id=office.mailbox, user_id=uuid4()),
    ):
        with pytest.raises(NotFound):
            refused()


def test_a_member_who_became_an_auditor_hears_nothing_of_what_is_delivered(office):
    for member in (office.ana, office.abe):
        office.add(member)
    role_change(peer=office.admin.peer, user_id=office.abe.peer.user.id, role="auditor")
    message = office.sent(b"an invoice")
    services.message_remind(peer=office.ben.peer, message_id=UUID(message["id"]))
    services.message_recall(peer=office.ben.peer, message_id=UUID(message["id"]))
    for event in ("delivery_waiting", "reminder", "recalled"):
        assert [mails(event, desk) for desk in (office.ana, office.abe)] == [1, 0], event
