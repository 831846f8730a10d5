"""The people of an organisation: listed, invited, issued, given another role."""

import json
import os
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.actor import admin_of, operator_numbered
from accounts.errors import (
    InvitationUnknown,
    LastAdmin,
    LoginInvalid,
    LoginTaken,
    NameInvalid,
    NotFound,
    RoleForbidden,
    SessionUnknown,
)
from accounts.models import Address, AuditEvent, Invitation, Notification, Reissue, User
from accounts.services import (
    account_change,
    enrolment_finish,
    enrolment_key,
    enrolment_view,
    invitation_resend,
    person_invite,
    person_issue,
    person_show,
    reissue_request,
    role_change,
    team_list,
    user_issue,
    user_sign_out,
)
from sealpost.crypto import stream
from sealpost.crypto.kdf import KdfParameters
from sealpost.protocol.enrolment import InvitationLink, enrolment_seal, link_parse, view_aad, view_key, view_proof
from sealpost.protocol.keys import password_keys
from tests.accounts.client import ORIGIN, finish, sign_in, start
from tests.accounts.team import Team, somebody, team

pytestmark = pytest.mark.django_db
LOGIN, CHEAP = "eva@aster.example", KdfParameters(suite=1, m=47104, t=2, p=1)


@pytest.fixture
def aster(db) -> Team:
    return team()


def invited(peer, **changed) -> dict:
    return person_invite(peer=peer, **({"login": LOGIN, "name": "Eva", "role": "member", "origin": ORIGIN} | changed))


def link_of(answer: dict) -> InvitationLink:
    page, _, fragment = answer["link"].partition("#")
    assert page == f"{ORIGIN}/enrol"
    return link_parse(fragment)


def enrol(link: InvitationLink, password: str = "a password of her own") -> str:
    key, public = enrolment_key()
    sealed = enrolment_seal(password_keys(password, parameters=CHEAP), link, origin=ORIGIN, key=key, public_key=public)
    return enrolment_finish(invitation=link.invitation, key=key, sealed=sealed, origin=ORIGIN)


def seen_by(link: InvitationLink) -> dict:
    nonce = os.urandom(16)
    proof = view_proof(link.secret, invitation=link.invitation, nonce=nonce)
    sealed = enrolment_view(invitation=link.invitation, nonce=nonce, proof=proof)
    aad = view_aad(invitation=link.invitation, nonce=nonce)
    return json.loads(stream.open(view_key(link.secret, invitation=link.invitation), sealed, aad=aad))


def shown(peer, login: str) -> dict:
    return next(person for person in team_list(peer=peer)["people"] if person["login"] == login)


def actions(tenant) -> list[str]:
    with scope(tenant=tenant):
        return list(AuditEvent.objects.order_by("seq").values_list("action", flat=True))


def test_nothing_of_the_team_is_for_members(aster):
    peer, of = aster.cleo.peer, aster.bo.row.id
    for attempt in (
        lambda: team_list(peer=peer),
        lambda: person_show(peer=peer, user_id=of),
        lambda: invited(peer),
        lambda: invitation_resend(peer=peer, user_id=of, origin=ORIGIN),
        lambda: person_issue(peer=peer, login=LOGIN, name="", role="member", kind="machine"),
        lambda: role_change(peer=peer, user_id=of, role="member"),
        lambda: admin_of(peer),
    ):
        with pytest.raises(RoleForbidden):
            attempt()
    with scopes_disabled():
        assert not Invitation.objects.exists()


def test_people_of_another_organisation_are_not_there(aster):
    peer, of = aster.stranger.peer, aster.cleo.row.id
    for attempt in (
        lambda: person_show(peer=peer, user_id=of),
        lambda: invitation_resend(peer=peer, user_id=of, origin=ORIGIN),
        lambda: role_change(peer=peer, user_id=of, role="admin"),
        lambda: user_sign_out(tenant_id=peer.tenant.id, user_id=of, by=admin_of(peer)),
        lambda: user_sign_out(tenant_id=aster.tenant.id, user_id=of, by=admin_of(peer)),
        lambda: role_change(peer=peer, user_id=uuid4(), role="admin"),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert aster.cleo.row.role == "member"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"login": "no address"}, LoginInvalid),
        ({"login": "cleo@aster.example"}, LoginTaken),
        ({"login": "stranger@cedar.example"}, LoginTaken),
        ({"name": "n" * 121}, NameInvalid),
        ({"name": "E\x07va"}, NameInvalid),
    ],
)
def test_an_invitation_that_is_refused_leaves_nothing(aster, changed, error):
    before = actions(aster.tenant)
    with pytest.raises(error):
        invited(aster.ana.peer, **changed)
    with scopes_disabled():
        assert not Invitation.objects.exists()
        assert not Notification.objects.exists()
    assert actions(aster.tenant) == before


def test_an_invited_person_enrols_by_the_link_and_is_active(aster):
    answer = invited(aster.ana.peer, role="auditor")
    waiting = team_list(peer=aster.ana.peer)["invitations"]
    assert [(row["login"], row["made_by"], row["role"], row["expired"]) for row in waiting] == [
        (LOGIN, "Ana", "auditor", False)
    ]
    assert shown(aster.ana.peer, LOGIN)["state"] == "invited"
    assert seen_by(link_of(answer))["tenant"] == "Aster Legal"
    assert enrol(link_of(answer)) == LOGIN
    found = shown(aster.ana.peer, LOGIN)
    assert (found["state"], found["role"], found["signed_in_at"]) == ("active", "auditor", None)
    before = timezone.now()
    assert sign_in(LOGIN, "a password of her own").peer().user.role == "auditor"
    assert timezone.datetime.fromisoformat(shown(aster.ana.peer, LOGIN)["signed_in_at"]) >= before
    assert team_list(peer=aster.ana.peer)["invitations"] == []


def test_the_link_is_owed_by_mail_to_the_address_and_says_nothing_of_the_organisation(aster):
    answer = invited(aster.ana.peer)
    with scope(tenant=aster.tenant):
        mail = Notification.objects.get()
        assert (mail.event, mail.address, mail.user) == ("invitation", LOGIN, None)
        assert set(json.loads(mail.context)) == {"link", "until"}
        assert json.loads(mail.context)["link"] == answer["link"]


def test_a_new_link_withdraws_the_one_before_and_keeps_the_role(aster):
    first = invited(aster.ana.peer, role="admin")
    second = invitation_resend(peer=aster.bo.peer, user_id=first["person"], origin=ORIGIN)
    assert (second["person"], second["login"]) == (first["person"], LOGIN)
    for attempt in (lambda: seen_by(link_of(first)), lambda: enrol(link_of(first))):
        with pytest.raises(InvitationUnknown):
            attempt()
    with scope(tenant=aster.tenant):
        assert bytes(Invitation.objects.exclude(withdrawn_at=None).get().wrapped_secret) == b""
        assert Notification.objects.count() == 2
    assert [row["made_by"] for row in team_list(peer=aster.ana.peer)["invitations"]] == ["Bo"]
    enrol(link_of(second))
    assert shown(aster.ana.peer, LOGIN)["role"] == "admin"
    with pytest.raises(NotFound):
        invitation_resend(peer=aster.ana.peer, user_id=first["person"], origin=ORIGIN)


def test_inviting_again_takes_the_new_role_and_name(aster):
    invited(aster.ana.peer)
    again = invited(aster.ana.peer, role="admin", name="Eva  Quist")
    enrol(link_of(again))
    assert (shown(aster.ana.peer, LOGIN)["role"], shown(aster.ana.peer, LOGIN)["name"]) == ("admin", "Eva Quist")
    with scope(tenant=aster.tenant):
        assert [row.name for row in Address.objects.all() if row.address == LOGIN] == ["Eva Quist"]


def test_an_expired_invitation_is_told_and_serves_no_more(aster):
    link = link_of(invited(aster.ana.peer))
    with scope(tenant=aster.tenant):
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert team_list(peer=aster.ana.peer)["invitations"][0]["expired"]
    with pytest.raises(InvitationUnknown):
        enrol(link)


def test_issued_by_an_admin_signs_in_and_the_log_says_by_whom(aster):
    issued = person_issue(peer=aster.ana.peer, login=LOGIN, name="Eva", role="member", kind="machine")
    assert sign_in(LOGIN, issued.passphrase).peer().user.id == issued.user.id
    assert shown(aster.ana.peer, LOGIN)["partner_system"]
    with scope(tenant=aster.tenant):
        assert AuditEvent.objects.filter(action="user.issued", actor=aster.ana.row.id).count() == 1


def test_a_role_holds_from_the_next_request_on(aster):
    role_change(peer=aster.ana.peer, user_id=aster.cleo.row.id, role="admin")
    assert len(team_list(peer=aster.cleo.peer)["people"]) == 3
    role_change(peer=aster.cleo.peer, user_id=aster.bo.row.id, role="auditor")
    with pytest.raises(RoleForbidden):
        team_list(peer=aster.bo.peer)
    with scope(tenant=aster.tenant):
        changed = AuditEvent.objects.filter(action="user.role_changed").order_by("seq")
        details = list(changed.values_list("details", flat=True))
    assert details == [{"from": "member", "to": "admin"}, {"from": "admin", "to": "auditor"}]


def test_the_last_admin_stays_admin(aster):
    role_change(peer=aster.ana.peer, user_id=aster.bo.row.id, role="member")
    invited(aster.ana.peer, role="admin")  # who has not enrolled cannot take over
    for role in ("member", "auditor"):
        with pytest.raises(LastAdmin):
            role_change(peer=aster.ana.peer, user_id=aster.ana.row.id, role=role)
    role_change(peer=aster.ana.peer, user_id=aster.ana.row.id, role="admin")
    assert team_list(peer=aster.ana.peer)["admins"] == 1


def test_who_is_admin_no_more_takes_their_requests_along(aster):
    reissue_request(tenant_id=aster.tenant.id, user_id=aster.cleo.row.id, by=admin_of(aster.bo.peer))
    role_change(peer=aster.ana.peer, user_id=aster.bo.row.id, role="member")
    with scope(tenant=aster.tenant):
        assert Reissue.objects.get().state == "declined"


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_demote_each_other_at_once_leave_one(aster):
    peers = {"ana": aster.ana.peer, "bo": aster.bo.peer}
    of = {"ana": aster.bo.row.id, "bo": aster.ana.row.id}
    barrier, refused = threading.Barrier(2), []

    def demote(name: str) -> None:
        try:
            barrier.wait()
            role_change(peer=peers[name], user_id=of[name], role="member")
        except (LastAdmin, RoleForbidden) as error:
            refused.append(error.code)
        finally:
            connection.close()

    workers = [threading.Thread(target=demote, args=(name,)) for name in peers]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(refused) == 1
    with scope(tenant=aster.tenant):
        assert User.objects.filter(role="admin", state="active").count() == 1


def test_sessions_end_at_the_very_next_request_and_signing_in_again_serves(aster):
    assert aster.cleo.peer
    assert user_sign_out(tenant_id=aster.tenant.id, user_id=aster.cleo.row.id, by=admin_of(aster.ana.peer)) == 1
    with pytest.raises(SessionUnknown):
        assert aster.cleo.peer
    sign_in(aster.cleo.login, aster.cleo.secret)
    assert user_sign_out(tenant_id=aster.tenant.id, user_id=aster.cleo.row.id, by=operator_numbered(7)) == 1
    with scope(tenant=aster.tenant):
        last = AuditEvent.objects.filter(action="user.signed_out").order_by("seq").last()
        assert (last.actor, last.details) == (None, {"operator": "7", "sessions": 1})


def test_a_pause_by_wrong_passwords_is_shown(aster):
    wrong = password_keys("wrong", parameters=CHEAP)
    for _ in range(5):
        started = start(aster.cleo.login)
        with pytest.raises(Exception, match="wrong"):
            finish(started, wrong)
    until = timezone.datetime.fromisoformat(shown(aster.ana.peer, aster.cleo.login)["paused_until"])
    assert timedelta(seconds=30) < until - timezone.now() < timedelta(seconds=90)
    assert shown(aster.ana.peer, aster.bo.login)["paused_until"] is None


def test_who_makes_deposits_is_nobody_of_the_team(aster):
    deposit = user_issue(tenant=aster.tenant, login="deposit@aster.example", role="depositor", kind="machine")
    assert len(team_list(peer=aster.ana.peer)["people"]) == 3
    for attempt in (
        lambda: person_show(peer=aster.ana.peer, user_id=deposit.user.id),
        lambda: role_change(peer=aster.ana.peer, user_id=deposit.user.id, role="admin"),
        lambda: reissue_request(tenant_id=aster.tenant.id, user_id=deposit.user.id, by=admin_of(aster.ana.peer)),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_colleagues_of_a_person_are_those_who_read_mailboxes(aster):
    somebody(aster.tenant, "olga", "auditor")
    invited(aster.ana.peer)
    colleagues = person_show(peer=aster.ana.peer, user_id=aster.cleo.row.id)["colleagues"]
    assert [one["name"] for one in colleagues] == ["Ana", "Bo"]


def test_the_list_costs_the_same_queries_however_many_are_in_it(aster):
    def cost() -> int:
        peer = aster.ana.peer
        team_list(peer=peer)
        with CaptureQueriesContext(connection) as captured:
            team_list(peer=peer)
        return len(captured)

    invited(aster.ana.peer)
    before = cost()
    for number in range(4):
        somebody(aster.tenant, f"person{number}")
        invited(aster.ana.peer, login=f"invited{number}@aster.example")
        reissue_request(
            tenant_id=aster.tenant.id,
            user_id=somebody(aster.tenant, f"lost{number}").row.id,
            by=admin_of(aster.ana.peer),
        )
    assert len(team_list(peer=aster.ana.peer)["people"]) == 16
    assert cost() == before <= 7


@pytest.mark.parametrize("name", ["", "   ", "n" * 121, "A\nB\x00"])
def test_an_own_name_of_no_form_is_refused(aster, name):
    with pytest.raises(NameInvalid):
        account_change(peer=aster.cleo.peer, name=name)
    assert aster.cleo.row.name == "Cleo"


def test_an_own_name_is_that_of_the_address_too(aster):
    account_change(peer=aster.cleo.peer, name=" Cleo \n Quist ", language="de")
    assert (aster.cleo.row.name, aster.cleo.row.language) == ("Cleo Quist", "de")
    with scope(tenant=aster.tenant):
        assert Address.objects.get(target=aster.cleo.row.id).name == "Cleo Quist"
    account_change(peer=aster.cleo.peer, language="")
    assert (aster.cleo.row.name, aster.cleo.row.language) == ("Cleo Quist", "")
    assert actions(aster.tenant).count("user.renamed") == 1
