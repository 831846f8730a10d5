"""People outside: refused where policy says so, alike whoever they are, reached once they have shown who they are."""

import os
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent, ConnectionTerms, Invitation, Tenant, User
from accounts.services import chain_verify, connection_create, user_invite, user_issue
from exchange import services, tasks
from exchange.models import Delivery, Message, Recipient
from sealpost.protocol.enrolment import InvitationLink, view_proof
from tests.accounts.client import sign_in
from tests.accounts.conftest import organisation
from tests.exchange.desk import Desk, desk
from tests.exchange.lifecycle import add, days_pass, extend, recall, remind, states
from tests.exchange.outside import PASSWORD, enrol, guest, link_in, mails, policy
from tests.refusal import refused

GIL = "gil@outside.example"
NAMES = {"aster": "Aster Legal", "birch": "Birch Supply", "cedar": "Cedar Works"}


@pytest.fixture
def organisations(db) -> dict[str, Tenant]:
    """Those of conftest.py, without admins and the price of their passphrases."""
    made = {short: organisation(name) for short, name in NAMES.items()}
    connection_create(first=made["aster"], second=made["birch"])
    return made


@dataclass
class Outside:
    """Somebody outside, whom nothing but an address is known of."""

    login: str


def guests() -> int:
    with scopes_disabled():
        return User.objects.filter(role=User.Role.GUEST).count()


def sent_to(sender: Desk, *logins: str) -> dict:
    return sender.work(sender.send(b"for you", recipients=list(logins)))


def prove(person: Desk, link: InvitationLink) -> None:
    nonce = os.urandom(16)
    proof = view_proof(link.secret, invitation=link.invitation, nonce=nonce)
    services.address_prove(peer=person.peer, invitation=link.invitation, nonce=nonce, proof=proof)


@pytest.mark.parametrize("rule", ["nobody", "admins"])
def test_a_policy_that_forbids_guests_is_named_and_does_not_tell_addresses_apart(ana, cem, organisations, rule):
    policy(organisations["aster"], guests_invited_by=rule)
    told = []
    for login in (GIL, cem.login):
        assert services.recipients_check(peer=ana.peer, logins=[login])[0]["reachable"] is False
        with refused("recipient_unreachable") as refusal:
            ana.send(b"x", recipients=[login])
        assert "guests_invited_by" in refusal.error.sentence
        assert "admins" in refusal.error.sentence
        assert refusal.error.members == {"logins": [login], "policy": "guests_invited_by", "set_by": "organisation"}
        with refused("policy_refused"):
            services.guest_passphrase(peer=ana.peer, login=login, name="")
        told.append(refusal.error.sentence)
    assert told[0] == told[1]
    assert guests() == 0


def test_where_admins_may_an_admin_does(organisations):
    policy(organisations["aster"], guests_invited_by="admins")
    issued = user_issue(tenant=organisations["aster"], login="chief@aster.example", role="admin", kind="machine")
    chief = Desk(sign_in(issued.login, issued.passphrase).peer())
    assert sent_to(chief, GIL)["deliveries"][0]["state"] == "invited"


@pytest.mark.parametrize("address", ["no address", "two@at@signs", "request-1@request.invalid", "@nobody"])
def test_what_no_mail_could_be_sent_to_is_unreachable(ana, address):
    assert services.recipients_check(peer=ana.peer, logins=[address])[0]["reachable"] is False
    with refused("recipient_unreachable"):
        ana.send(b"x", recipients=[address])


def test_an_own_address_that_receives_nothing_is_no_guest_s(ana, organisations):
    user_issue(tenant=organisations["aster"], login="audit@aster.example", role="auditor", kind="machine")
    assert services.recipients_check(peer=ana.peer, logins=["audit@aster.example"])[0]["reachable"] is False
    with refused("recipient_unreachable"):
        ana.send(b"x", recipients=["audit@aster.example"])


def test_a_guest_is_invited_and_the_delivery_opens_once_they_enrol(ana, organisations):
    assert services.recipients_check(peer=ana.peer, logins=[GIL]) == [
        {"login": GIL, "name": "", "tenant": "", "kind": "guest", "reachable": True}
    ]
    message = ana.send(b"for you", recipients=[GIL])
    assert guests() == 0  # a message that is held invites nobody
    done = ana.work(message)
    assert (done["state"], done["invited"], done["deliveries"][0]["state"]) == ("sent", 1, "invited")
    assert done["deliveries"][0]["guest"] is True
    (mail,) = mails("guest_invitation", GIL)
    assert "organisation" not in mail
    assert enrol(link_in(mail)) == GIL
    assert services.waiting_deliver() == 1
    assert services.waiting_deliver() == 0
    gil = guest(GIL)
    assert gil.read(gil.received(message)["documents"][0]) == b"for you"
    assert ana.sent(message)["deliveries"][0]["state"] == "downloaded"
    assert gil.peer.tenant.kind == Tenant.Kind.GUEST
    for tenant in (gil.peer.tenant, organisations["aster"]):
        with scope(tenant=tenant):
            assert chain_verify(tenant_id=tenant.id).finding is None


def test_a_guest_is_added_to_what_was_sent_and_reminded_by_a_new_link(ana, ben, organisations):
    message = ana.work(ana.send(b"for you", to=[ben]))
    add(ana, message, Outside(GIL))
    assert states(ana.sent(message)) == ["delivered", "invited"]
    assert states(add(ana, message, Outside(GIL))) == ["delivered", "invited"]  # again, without harm
    with scopes_disabled():
        Delivery.objects.update(opened_at=timezone.now(), state=Recipient.State.OPENED)
        Recipient.objects.filter(user_id=ben.peer.user.id).update(state=Recipient.State.OPENED)
    with refused("reminded_already"):  # the invitation was only just sent
        remind(ana, message)
    days_pass(2)
    remind(ana, message)
    first, second = mails("guest_invitation", GIL)
    assert first["link"] != second["link"]
    assert mails("reminder") == []
    assert enrol(link_in(second)) == GIL
    assert services.waiting_deliver() == 1
    gil = guest(GIL)
    assert gil.read(gil.received(message)["documents"][0]) == b"for you"
    assert states(add(ana, message, Outside(GIL))) == ["opened", "downloaded"]


def test_a_guest_who_has_not_enrolled_is_told_before_it_expires_and_comes_back_with_an_extension(ana, organisations):
    message = sent_to(ana, GIL)
    days_pass(12)
    assert [services.expiries_warn() for _ in range(2)] == [1, 0]
    assert (len(mails("guest_invitation", GIL)), len(mails("expiring_sender"))) == (2, 1)
    assert mails("expiring_recipient") == []
    days_pass(3)
    services.deliveries_expire()
    assert states(ana.sent(message)) == ["expired"]
    assert len(mails("expired_unread")) == 1
    assert states(extend(ana, message, 20)) == ["invited"]
    enrol(link_in(mails("guest_invitation", GIL)[-1]))
    assert services.waiting_deliver() == 1


def test_what_waits_for_a_guest_is_withdrawn_by_a_recall_and_its_link_with_it(ana):
    message = sent_to(ana, GIL)
    recalled = recall(ana, message)
    assert (recalled["state"], states(recalled)) == ("recalled", ["recalled"])
    with refused("invitation_unknown"):
        enrol(link_in(mails("guest_invitation", GIL)[0]))


def test_the_mail_names_the_organisation_where_its_policy_lets_it(ana, organisations):
    policy(organisations["aster"], organisation_in_mail=True)
    sent_to(ana, GIL)
    assert mails("guest_invitation", GIL)[0]["organisation"] == "Aster Legal"


def test_a_guest_of_one_organisation_is_reached_by_another_directly_and_neither_learns_of_the_other(ana, cem):
    sent_to(ana, GIL)
    enrol(link_in(mails("guest_invitation", GIL)[0]))
    services.waiting_deliver()
    nobody = services.recipients_check(peer=cem.peer, logins=["nobody@nowhere.example"])[0]
    assert services.recipients_check(peer=cem.peer, logins=[GIL])[0] == nobody | {"login": GIL}
    delivered = sent_to(cem, GIL)
    assert delivered["deliveries"][0]["state"] == "delivered"
    assert (delivered["deliveries"][0]["name"], delivered["deliveries"][0]["tenant"]) == ("gil", "")
    assert guests() == 1
    assert len(mails("guest_invitation")) == 1
    assert len(services.inbox_list(peer=guest(GIL).peer)["messages"]) == 2


def test_two_organisations_that_wait_for_one_guest_are_both_let_in_by_either_link(ana, cem):
    sent_to(ana, GIL)
    sent_to(cem, GIL)
    first, second = (link_in(mail) for mail in mails("guest_invitation", GIL))
    assert guests() == 1
    enrol(second)
    with refused("invitation_unknown"):
        enrol(first)  # a password is chosen once
    assert services.waiting_deliver() == 2
    prove(guest(GIL), first)  # the other mail's link then only shows the address again


def shown(message: dict) -> dict:
    """What a sender sees of a message, without what differs between any two."""
    alike = {"id": "", "sent_at": "", "expires_at": "", "recipients": ""}
    assert all(row["reminded_at"] for row in message["deliveries"])  # when they were invited
    deliveries = [row | {"login": "", "name": "", "reminded_at": ""} for row in message["deliveries"]]
    documents = [row | {"id": ""} for row in message["documents"]]
    return message | alike | {"deliveries": deliveries, "documents": documents}


def test_somebody_who_is_not_connected_looks_like_a_guest_all_the_way(ana, cem, organisations):
    hers, his = (sent_to(ana, login) for login in (GIL, cem.login))
    assert shown(hers) == shown(his)
    checks = services.recipients_check(peer=ana.peer, logins=[GIL, cem.login])
    assert {**checks[0], "login": ""} == {**checks[1], "login": ""}
    for message, login in ((hers, GIL), (his, cem.login)):
        with refused("invited_lately"):
            services.outsider_invite_again(peer=ana.peer, message_id=UUID(message["id"]), login=login)
        answer = services.guest_passphrase(peer=ana.peer, login=login, name="X")
        assert len(answer["passphrase"].split("-")) == 6
    with scope(tenant=organisations["aster"]):
        events = list(AuditEvent.objects.filter(action__startswith="guest.").order_by("seq"))
        mine = {row.id for row in Recipient.objects.all()}
    assert [event.action for event in events] == ["guest.invited"] * 2 + ["guest.issued"] * 2
    assert {event.subject for event in events} - {None} == mine
    with scopes_disabled():
        assert User.objects.get(login_index=cem.peer.user.login_index).state == User.State.ACTIVE
    assert len(mails("guest_unconnected", cem.login)) == 1
    assert "link" not in mails("guest_unconnected", cem.login)[0]


def test_a_person_is_told_once_a_day_that_organisations_are_not_connected(ana, cem):
    for _ in range(3):
        sent_to(ana, cem.login)
    assert len(mails("guest_unconnected")) == 1


def test_what_waits_for_somebody_unconnected_is_delivered_once_the_organisations_are(ana, cem, organisations):
    message = sent_to(ana, cem.login)
    assert services.waiting_deliver() == 0
    connection_create(first=organisations["aster"], second=organisations["cedar"])
    assert services.waiting_deliver() == 1
    assert cem.read(cem.received(message)["documents"][0]) == b"for you"
    delivery = ana.sent(message)["deliveries"][0]
    assert (delivery["name"], delivery["tenant"], delivery["guest"]) == ("Cem", "Cedar Works", False)


def connected_on_terms(organisations: dict[str, Tenant], **members) -> None:
    """Aster and Cedar, with terms of Cedar's for what comes in."""
    made = connection_create(first=organisations["aster"], second=organisations["cedar"])
    with scope(tenant=organisations["cedar"]):
        ConnectionTerms.objects.create(tenant=organisations["cedar"], connection=made, direction="in", members=members)


def test_who_is_kept_back_by_a_partner_s_terms_is_like_nobody_and_gets_nothing(ana, cem, organisations):
    connected_on_terms(organisations, recipients=[])
    nobody = services.recipients_check(peer=ana.peer, logins=["nobody@nowhere.example"])[0]
    assert services.recipients_check(peer=ana.peer, logins=[cem.login])[0] == nobody | {"login": cem.login}
    message = sent_to(ana, cem.login)
    assert message["deliveries"][0]["state"] == "invited"
    assert services.waiting_deliver() == 0
    assert services.inbox_list(peer=cem.peer)["messages"] == []
    assert mails("guest_unconnected") == []


def test_what_waited_is_judged_by_the_rules_of_who_gets_it(ana, cem, organisations):
    message = sent_to(ana, cem.login)
    policy(organisations["cedar"], types_refused=["application/octet-stream", "text/plain"])
    connection_create(first=organisations["aster"], second=organisations["cedar"])
    assert services.waiting_deliver() == 0
    assert ana.sent(message)["deliveries"][0]["state"] == "refused"


def test_somebody_who_became_a_recipient_by_another_way_meanwhile_gets_the_message_once(ana, cem, organisations):
    message = sent_to(ana, cem.login)
    connection_create(first=organisations["aster"], second=organisations["cedar"])
    with scope(tenant=organisations["aster"]):
        row = Recipient(tenant=organisations["aster"], message_id=message["id"], user_id=cem.peer.user.id)
        row.login, row.state = cem.login, Recipient.State.DELIVERED
        row.save()
    services.waiting_deliver()
    assert len(ana.sent(message)["deliveries"]) == 1


def test_waiting_ends_with_the_message(ana):
    message = sent_to(ana, GIL)
    with scopes_disabled():
        Message.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    services.deliveries_expire()
    assert ana.sent(message)["deliveries"][0]["state"] == "expired"
    enrol(link_in(mails("guest_invitation", GIL)[0]))
    assert services.waiting_deliver() == 0


def test_an_invitation_is_sent_again_after_an_hour_and_taken_back(ana, ben):
    message = sent_to(ana, GIL)
    identity = UUID(message["id"])
    for other in (ben.login, "nobody@nowhere.example", "none"):
        with refused("recipient_not_invited"):
            services.outsider_invite_again(peer=ana.peer, message_id=identity, login=other)
    with refused("not_found"):
        services.outsider_invite_again(peer=ben.peer, message_id=identity, login=GIL)
    with scopes_disabled():
        Recipient.objects.update(reminded_at=timezone.now() - timedelta(hours=2))
    services.outsider_invite_again(peer=ana.peer, message_id=identity, login=GIL)
    first, second = mails("guest_invitation", GIL)
    assert first["link"] != second["link"]
    taken = services.outsider_withdraw(peer=ana.peer, message_id=identity, login=GIL)
    assert taken["deliveries"][0]["state"] == "recalled"
    for mail in (first, second):
        with refused("invitation_unknown"):
            enrol(link_in(mail))
    with refused("recipient_not_invited"):
        services.outsider_withdraw(peer=ana.peer, message_id=identity, login=GIL)


def test_taking_one_message_back_leaves_the_links_of_another(ana, cem):
    message, _, _ = sent_to(ana, GIL), sent_to(ana, GIL), sent_to(cem, GIL)
    services.outsider_withdraw(peer=ana.peer, message_id=UUID(message["id"]), login=GIL)
    enrol(link_in(mails("guest_invitation", GIL)[0]))
    assert services.waiting_deliver() == 2


def passphrase_guest(sender: Desk) -> Desk:
    """Gil with the passphrase of a sender, and a password of his own in its place."""
    shown = services.guest_passphrase(peer=sender.peer, login=GIL, name="Gil Outer")
    return guest(GIL, shown["passphrase"])


def test_a_passphrase_guest_is_reached_at_once_and_must_choose_a_password(ana):
    gil = passphrase_guest(ana)
    assert gil.peer.password_change_due
    assert gil.peer.user.name == "Gil Outer"
    message = sent_to(ana, GIL)
    assert message["deliveries"][0]["state"] == "delivered"
    assert mails("guest_invitation", GIL) == [{"until": mails("guest_invitation", GIL)[0]["until"]}]
    assert mails("delivery_waiting", GIL) == []
    assert gil.read(gil.received(message)["documents"][0]) == b"for you"


def test_a_passphrase_of_one_organisation_opens_nothing_that_another_sent(ana, cem):
    """Whoever passes a passphrase on may sign in with it: others wait until the address itself has been shown."""
    gil = passphrase_guest(ana)
    message = sent_to(cem, GIL)
    assert message["deliveries"][0]["state"] == "invited"
    assert services.waiting_deliver() == 0
    (mail,) = mails("guest_invitation", GIL)
    link = link_in(mail)
    with refused("invitation_unknown"):
        enrol(link)  # no link replaces a password that stands
    stranger = desk(ana.peer.tenant, "mate@aster.example")
    with refused("invitation_unknown"):
        prove(stranger, link)
    with refused("invitation_unknown"):
        prove(gil, InvitationLink(link.invitation, bytes(32), link.fingerprint))
    prove(gil, link)
    assert services.waiting_deliver() == 1
    with refused("invitation_unknown"):
        prove(gil, link)
    assert sent_to(cem, GIL)["deliveries"][0]["state"] == "delivered"


def test_nobody_takes_a_guest_over_by_a_passphrase(ana, cem):
    sent_to(ana, GIL)
    stolen = services.guest_passphrase(peer=cem.peer, login=GIL, name="")["passphrase"]
    with refused("sign_in_refused"):
        guest(GIL, stolen)  # ana's invitation waits: a passphrase of another organisation is worth nothing
    enrol(link_in(mails("guest_invitation", GIL)[0]))
    stolen = services.guest_passphrase(peer=ana.peer, login=GIL, name="")["passphrase"]
    with refused("sign_in_refused"):
        guest(GIL, stolen)
    assert guest(GIL, PASSWORD).login == GIL


def test_a_passphrase_replaces_an_invitation_of_one_s_own(ana):
    message = sent_to(ana, GIL)
    passphrase_guest(ana)
    assert services.waiting_deliver() == 1
    assert ana.sent(message)["deliveries"][0]["state"] == "delivered"


@pytest.mark.parametrize("login", ["no address", "x@request.invalid", "x@nobody.invalid"])
def test_no_passphrase_for_what_is_no_address(ana, login):
    with refused("login_invalid"):
        services.guest_passphrase(peer=ana.peer, login=login, name="")


@pytest.mark.parametrize("login", ["ben@birch.example", "ana@aster.example"])
def test_no_passphrase_for_whom_one_may_send_to_already(ana, ben, login):
    with refused("guest_needless"):
        services.guest_passphrase(peer=ana.peer, login=login, name="")


def test_a_guest_s_address_cannot_be_given_to_a_person_of_an_organisation(ana, organisations):
    sent_to(ana, GIL)
    for make in (user_invite, user_issue):
        with refused("login_is_guest"), scopes_disabled():
            make(tenant=organisations["birch"], login=GIL)
    assert guests() == 1


def test_a_message_that_is_taken_back_invites_nobody(ana):
    message = ana.send(b"x", recipients=[GIL])
    services.job_cancel(peer=ana.peer, message_id=UUID(message["id"]))
    ana.work(message)
    with scopes_disabled():
        assert not Invitation.objects.exists()
    assert guests() == 0


def test_the_same_queries_for_a_guest_and_for_somebody_unconnected(ana, cem):
    counts = []
    for login in (GIL, cem.login, "other@outside.example"):
        upload = ana.upload(b"x")
        with CaptureQueriesContext(connection) as captured:
            ana.send(recipients=[login], uploads=[upload])
        counts.append(len(captured))
    assert len(set(counts)) == 1


def test_where_no_worker_ran_at_enrolment_the_scheduler_asks_within_a_minute(ana):
    """Nothing consumes the queue here, as when the worker is down: the delivery waits, and the next sweep makes it."""
    message = sent_to(ana, GIL)
    enrol(link_in(mails("guest_invitation", GIL)[0]))
    assert ana.sent(message)["deliveries"][0]["state"] == "invited"
    planned = settings.CELERY["beat_schedule"]["waiting_deliver"]
    assert (planned["task"], planned["schedule"] <= 60) == ("exchange.tasks.waiting_deliver", True)
    tasks.waiting_deliver()
    assert ana.sent(message)["deliveries"][0]["state"] == "delivered"
