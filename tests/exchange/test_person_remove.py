"""Somebody leaves: access ends at once, and nothing that was exchanged is lost."""

import json
from uuid import UUID, uuid4

import pytest
from django_scopes import scope, scopes_disabled

from accounts.actor import admin_of
from accounts.errors import (
    InvitationUnknown,
    LastAdmin,
    LoginTaken,
    NotFound,
    RoleForbidden,
    SessionUnknown,
    SignInRefused,
)
from accounts.models import (
    Address,
    AuditEvent,
    Group,
    GroupMember,
    Invitation,
    Notification,
    SharedKey,
    User,
)
from accounts.services import (
    enrolment_view,
    reissue_approve,
    reissue_request,
    role_change,
    team_list,
    user_invite,
    user_issue,
)
from exchange import services
from exchange.errors import HeirInvalid, RecipientUnreachable
from exchange.models import Mailbox, MailboxMember, Recipient, Upload
from exchange.services import invitation_withdraw, person_leave, person_remove
from sealpost.protocol.enrolment import link_parse
from tests.accounts.client import finish, sign_in, start
from tests.exchange.desk import Desk, desk, job_of
from tests.exchange.outside import policy
from vault.models import StoredObject

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo(organisations) -> Desk:
    return desk(organisations["aster"], "bo@aster.example")


@pytest.fixture
def chief(organisations) -> Desk:
    """An admin of Aster who has a machine secret."""
    return admin(organisations["aster"], "chief@aster.example")


def admin(tenant, login: str) -> Desk:
    issued = user_issue(tenant=tenant, login=login, name="Chief", role="admin", kind="machine")
    return Desk(sign_in(issued.login, issued.passphrase).peer())


def remove(by: Desk, whom: Desk, heir: Desk | None = None) -> None:
    person_remove(peer=by.peer, user_id=whom.peer.user.id, heir=heir.login if heir else "")


def row_of(one: Desk) -> User:
    with scopes_disabled():
        return User.objects.get(id=one.peer.user.id)


def mailbox_of(one: Desk) -> Mailbox:
    with scopes_disabled():
        return Mailbox.objects.get(user_id=one.peer.user.id)


def handed(one: Desk, message: dict, mailbox: Mailbox) -> dict:
    return services.inbox_show(peer=one.peer, message_id=UUID(message["id"]), mailbox=mailbox.id)


def test_only_admins_remove_and_only_their_own(chief, ana, bo, ben, cem):
    with pytest.raises(RoleForbidden):
        remove(bo, ana)
    stranger = admin(ben.peer.tenant, "chief@birch.example")
    for whom in (ana.peer.user.id, uuid4()):
        with pytest.raises(NotFound):
            person_remove(peer=stranger.peer, user_id=whom)
    assert row_of(ana).state == "active"


def test_the_heir_must_be_a_colleague_who_reads(chief, ana, ben):
    auditor = user_issue(tenant=ana.peer.tenant, login="olga@aster.example", role="auditor", kind="machine")
    with scope(tenant=ana.peer.tenant):
        user_invite(tenant=ana.peer.tenant, login="eva@aster.example")
    for heir in (ben.login, auditor.login, "eva@aster.example", "nobody@aster.example", "no address", ana.login):
        with pytest.raises(HeirInvalid):
            person_remove(peer=chief.peer, user_id=ana.peer.user.id, heir=heir)
    assert row_of(ana).state == "active"


def test_the_last_admin_neither_leaves_nor_is_removed(organisations, chief, bo):
    with scope(tenant=organisations["aster"]):
        first = User.objects.exclude(id=chief.peer.user.id).get(role="admin")
    person_remove(peer=chief.peer, user_id=first.id)
    for attempt in (
        lambda: remove(chief, chief),
        lambda: person_leave(peer=chief.peer, heir=bo.login),
    ):
        with pytest.raises(LastAdmin):
            attempt()
    role_change(peer=chief.peer, user_id=bo.peer.user.id, role="admin")
    person_leave(peer=chief.peer, heir=bo.login)
    assert row_of(chief).state == "removed"


def test_an_admin_who_was_removed_meanwhile_removes_nobody(chief, ana, bo):
    role_change(peer=chief.peer, user_id=bo.peer.user.id, role="admin")
    bo.peer.user.role = "admin"  # as a request has read it that began before the removal
    remove(chief, bo)
    with pytest.raises(RoleForbidden):
        person_remove(peer=bo.peer, user_id=ana.peer.user.id)
    assert row_of(ana).state == "active"


def test_removal_ends_a_live_session_at_the_very_next_request(organisations, chief):
    issued = user_issue(tenant=organisations["aster"], login="dan@aster.example", kind="machine")
    session = sign_in(issued.login, issued.passphrase)
    assert session.peer().user.id == issued.user.id
    person_remove(peer=chief.peer, user_id=issued.user.id)
    with pytest.raises(SessionUnknown):
        session.peer()
    with pytest.raises(SignInRefused):
        finish(started := start(issued.login), started.keys(issued.passphrase))
    with scope(tenant=organisations["aster"]):
        key = SharedKey.objects.get(user=issued.user)
        assert (bytes(key.wrapped_shared_key), bytes(key.wrapped_login_keys)) == (b"", b"")
        assert key.retired_at


def test_the_address_is_free_and_leads_to_the_new_person_alone(chief, ana, bo, ben):
    policy(ben.peer.tenant, guests_invited_by="nobody")
    old = ben.work(ben.send(b"for the first", to=[ana]))
    remove(chief, ana)
    with pytest.raises(RecipientUnreachable):
        ben.send(b"x", to=[ana])
    again = desk(ana.peer.tenant, ana.login)
    new = ben.work(ben.send(b"for the second", to=[ana]))
    listed = services.inbox_list(peer=again.peer)["messages"]
    assert [item["id"] for item in listed] == [new["id"]]
    with pytest.raises(NotFound):
        again.received(old)
    people = [person for person in team_list(peer=chief.peer)["people"] if person["login"] == ana.login]
    assert [person["state"] for person in people] == ["active", "removed"]


def test_a_handed_mailbox_is_read_by_the_heir_under_its_owner_s_name_and_by_nobody_else(chief, ana, bo, ben):
    sent = ben.work(ben.send(b"the contract", to=[ana]))
    mailbox = mailbox_of(ana)
    for one in (bo, chief, ben):
        with pytest.raises(NotFound):
            handed(one, sent, mailbox)
    remove(chief, ana, heir=bo)
    shown = handed(bo, sent, mailbox)
    assert bo.read(shown["documents"][0]) == b"the contract"
    listed = services.inbox_list(peer=bo.peer, mailbox=mailbox.id)["messages"]
    assert [item["id"] for item in listed] == [sent["id"]]
    assert services.inbox_list(peer=bo.peer)["messages"] == []
    assert (mailbox_of(ana).name, mailbox_of(ana).address, mailbox_of(ana).state) == ("Ana (left)", ana.login, "open")
    for one in (chief, ben):
        with pytest.raises(NotFound):
            handed(one, sent, mailbox)
    assert ben.sent(sent)["deliveries"][0]["state"] == "downloaded"


def test_a_mailbox_that_nobody_gets_is_closed_and_kept(chief, ana, ben):
    sent = ben.work(ben.send(b"the contract", to=[ana]))
    remove(chief, ana)
    assert mailbox_of(ana).state == "closed"
    with scopes_disabled():
        assert not MailboxMember.objects.filter(mailbox=mailbox_of(ana)).exists()
        assert mailbox_of(ana).deliveries.count() == 1
    with pytest.raises(NotFound):
        handed(chief, sent, mailbox_of(ana))


def test_what_an_heir_was_handed_goes_on_with_theirs(chief, ana, bo, ben):
    sent = ben.work(ben.send(b"first", to=[ana]))
    remove(chief, ana, heir=bo)
    cleo = desk(ana.peer.tenant, "cleo@aster.example")
    remove(chief, bo, heir=cleo)
    assert cleo.read(handed(cleo, sent, mailbox_of(ana))["documents"][0]) == b"first"
    assert mailbox_of(ana).name == "Ana (left)"
    remove(chief, cleo)
    assert mailbox_of(ana).state == "closed"


def test_what_somebody_sent_stays_with_its_recipients_and_a_running_job_delivers(chief, ana, ben):
    before = ana.work(ana.send(b"before", to=[ben]))
    running = ana.send(b"under way", to=[ben])
    remove(chief, ana)
    services.job_run(job_id=job_of(running).id)
    assert job_of(running).state == "done"
    for message, content in ((before, b"before"), (running, b"under way")):
        shown = ben.received(message)
        assert ben.read(shown["documents"][0]) == content
        assert shown["sender"]["login"] == ana.login


def test_uploads_that_were_not_sent_are_discarded(chief, ana):
    ana.upload(b"complete")
    ana.begin(b"open")
    with scopes_disabled():
        assert StoredObject.objects.count() == 2
    remove(chief, ana)
    with scopes_disabled():
        assert set(Upload.objects.values_list("state", "object")) == {("discarded", None)}
        assert not StoredObject.objects.exists()


def test_memberships_end_and_other_members_stay(chief, ana, bo):
    tenant = ana.peer.tenant
    with scope(tenant=tenant):
        group = Group(tenant=tenant)
        group.name = "All"
        group.save()
        box = Mailbox(tenant=tenant, kind=Mailbox.Kind.SHARED)
        box.address, box.name = "invoices@aster.example", "Invoices"
        box.save()
        for one in (ana, bo):
            GroupMember.objects.create(tenant=tenant, group=group, user=one.peer.user)
            MailboxMember.objects.create(tenant=tenant, mailbox=box, user=one.peer.user)
        remove(chief, ana, heir=chief)
        assert [row.user_id for row in GroupMember.objects.all()] == [bo.peer.user.id]
        assert [row.user_id for row in MailboxMember.objects.filter(mailbox=box)] == [bo.peer.user.id]
        box.refresh_from_db()
        assert (box.state, box.name) == ("open", "Invoices")
        assert not Address.objects.filter(target=ana.peer.user.id).exists()


def test_the_log_and_the_mail_say_that_somebody_was_removed_and_no_mail_that_they_left(chief, ana, bo):
    remove(chief, ana, heir=bo)
    person_leave(peer=bo.peer)
    with scope(tenant=ana.peer.tenant):
        events = AuditEvent.objects.filter(action__in=["user.removed", "user.left"]).order_by("seq")
        assert [(row.action, row.actor, row.subject, row.details) for row in events] == [
            ("user.removed", chief.peer.user.id, ana.peer.user.id, {"heir": str(bo.peer.user.id)}),
            ("user.left", bo.peer.user.id, bo.peer.user.id, {}),
        ]
        mails = Notification.objects.filter(event="removed")
        assert [(mail.user_id, json.loads(mail.context)) for mail in mails] == [(ana.peer.user.id, {})]


def test_removing_again_finds_nobody(chief, ana):
    remove(chief, ana)
    with pytest.raises(NotFound):
        remove(chief, ana)


def test_a_withdrawn_invitation_serves_no_more_and_its_address_is_free(chief, ana, ben):
    tenant = chief.peer.tenant
    link = link_parse(user_invite(tenant=tenant, login="eva@aster.example"))
    with scope(tenant=tenant):
        eva = User.objects.get(state="invited")
    waiting = ben.work(ben.send(b"x", to=[Desk(ana.peer)], recipients=["eva@aster.example", ana.login]))
    assert {one["state"] for one in waiting["deliveries"]} == {"invited", "delivered"}
    with pytest.raises(NotFound):
        invitation_withdraw(peer=chief.peer, user_id=ana.peer.user.id)
    with pytest.raises(RoleForbidden):
        invitation_withdraw(peer=ana.peer, user_id=eva.id)
    invitation_withdraw(peer=chief.peer, user_id=eva.id)
    with pytest.raises(InvitationUnknown):
        enrolment_view(invitation=link.invitation, nonce=bytes(16), proof=bytes(32))
    assert {one["state"] for one in ben.sent(waiting)["deliveries"]} == {"refused", "delivered"}
    with scope(tenant=tenant):
        assert bytes(Invitation.objects.get().wrapped_secret) == b""
        assert not Notification.objects.filter(event="removed").exists()
        assert AuditEvent.objects.filter(action="user.withdrawn", subject=eva.id).count() == 1
        with scopes_disabled():
            assert Recipient.objects.get(user_id=eva.id).state == "refused"
    assert "eva@aster.example" not in [person["login"] for person in team_list(peer=chief.peer)["people"]]
    desk(ben.peer.tenant, "eva@aster.example")


def test_a_removed_person_is_not_invited_back_into_the_old_row(chief, ana):
    remove(chief, ana)
    user_invite(tenant=ana.peer.tenant, login=ana.login)
    with pytest.raises(LoginTaken):
        desk(ana.peer.tenant, ana.login)
    assert row_of(ana).state == "removed"


def test_a_document_received_before_is_read_after_with_the_new_key(chief, bo, ana, ben):
    sent = ben.work(ben.send(b"kept through it all", to=[ana]))
    role_change(peer=chief.peer, user_id=bo.peer.user.id, role="admin")
    given = {"tenant_id": ana.peer.tenant.id, "user_id": ana.peer.user.id}
    reissue_request(**given, by=admin_of(chief.peer))
    with scopes_disabled():
        bo.peer.user.refresh_from_db()
    issued = reissue_approve(**given, by=admin_of(bo.peer))
    anew = Desk(sign_in(ana.login, issued.passphrase).peer())
    assert anew.peer.kid != ana.peer.kid
    assert anew.read(anew.received(sent)["documents"][0]) == b"kept through it all"


def test_a_guest_does_not_leave_by_this_way(ana):
    guest = user_issue(tenant=ana.peer.tenant, login="guest@example.org", role="guest", kind="machine")
    with pytest.raises(RoleForbidden):
        person_leave(peer=sign_in(guest.login, guest.passphrase).peer())
