"""A forgotten password: one admin asks, another approves; the old keys are destroyed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django_scopes import scope

from accounts.actor import admin_of, operator_numbered
from accounts.errors import (
    NotFound,
    ReissueMissing,
    ReissueOpen,
    RoleForbidden,
    SecondAdminNeeded,
    SessionUnknown,
    SignInPaused,
    SignInRefused,
)
from accounts.models import AuditEvent, Notification, Reissue, SecondFactor, SharedKey
from accounts.services import (
    person_show,
    reissue_approve,
    reissue_decline,
    reissue_request,
    role_change,
    second_factor_begin,
    user_issue,
)
from sealpost.crypto.kdf import KdfParameters
from sealpost.protocol.keys import password_keys
from tests.accounts.client import finish, sign_in, start
from tests.accounts.conftest import organisation
from tests.accounts.team import Team, team

pytestmark = pytest.mark.django_db
ONE, TWO = operator_numbered(1), operator_numbered(2)


@pytest.fixture
def aster(db) -> Team:
    return team()


def ask(team: Team, by, of=None) -> Reissue:
    return reissue_request(tenant_id=team.tenant.id, user_id=(of or team.cleo).row.id, by=by)


def approve(team: Team, by, of=None):
    return reissue_approve(tenant_id=team.tenant.id, user_id=(of or team.cleo).row.id, by=by)


def decline(team: Team, by) -> None:
    reissue_decline(tenant_id=team.tenant.id, user_id=team.cleo.row.id, by=by)


def keys(team: Team) -> list[bool]:
    with scope(tenant=team.tenant):
        rows = SharedKey.objects.filter(user=team.cleo.row).order_by("created_at")
        return [bool(row.wrapped_shared_key) and bool(row.wrapped_login_keys) for row in rows]


def test_strangers_and_unknown_people_are_not_there(aster):
    for act in (reissue_request, reissue_approve, reissue_decline):
        for tenant_id, user_id, by in (
            (aster.tenant.id, aster.cleo.row.id, admin_of(aster.stranger.peer)),
            (aster.stranger.row.tenant_id, aster.cleo.row.id, admin_of(aster.stranger.peer)),
            (aster.tenant.id, uuid4(), admin_of(aster.ana.peer)),
            (uuid4(), aster.cleo.row.id, ONE),
            (aster.stranger.row.tenant_id, aster.cleo.row.id, ONE),
        ):
            with pytest.raises(NotFound):
                act(tenant_id=tenant_id, user_id=user_id, by=by)


def test_where_two_admins_are_not_left_only_operators_can(aster):
    with pytest.raises(SecondAdminNeeded, match="operator"):
        ask(aster, admin_of(aster.ana.peer), of=aster.bo)  # nobody is left to approve it
    role_change(peer=aster.ana.peer, user_id=aster.bo.row.id, role="member")
    with pytest.raises(SecondAdminNeeded, match="operator"):
        ask(aster, admin_of(aster.ana.peer))
    ask(aster, ONE, of=aster.ana)
    with pytest.raises(SecondAdminNeeded):
        approve(aster, ONE, of=aster.ana)
    issued = approve(aster, TWO, of=aster.ana)
    assert sign_in(aster.ana.login, issued.passphrase)
    with scope(tenant=aster.tenant):
        told = AuditEvent.objects.filter(action__startswith="reissue.").order_by("seq")
        assert [(row.action, row.actor, row.details) for row in told] == [
            ("reissue.requested", None, {"operator": "1"}),
            ("reissue.approved", None, {"operator": "2"}),
        ]


def test_who_asks_does_not_approve_and_nobody_asks_for_themselves(aster):
    with pytest.raises(SecondAdminNeeded, match="others"):
        ask(aster, admin_of(aster.ana.peer), of=aster.ana)
    ask(aster, admin_of(aster.ana.peer))
    with pytest.raises(SecondAdminNeeded, match="Somebody else"):
        approve(aster, admin_of(aster.ana.peer))
    with pytest.raises(SecondAdminNeeded, match="another of its admins"):
        approve(aster, TWO)
    with pytest.raises(RoleForbidden):
        admin_of(aster.cleo.peer)
    assert keys(aster) == [True]


def test_what_operators_asked_for_admins_may_only_decline(aster):
    ask(aster, ONE)
    assert not person_show(peer=aster.ana.peer, user_id=aster.cleo.row.id)["reissue"]["may_approve"]
    with pytest.raises(SecondAdminNeeded, match="operator"):
        approve(aster, admin_of(aster.ana.peer))
    decline(aster, admin_of(aster.ana.peer))
    with pytest.raises(ReissueMissing):
        approve(aster, TWO)
    assert keys(aster) == [True]


def test_nothing_is_approved_that_was_not_asked_for_or_has_lapsed(aster):
    for act in (approve, decline):
        with pytest.raises(ReissueMissing):
            act(aster, admin_of(aster.bo.peer))
    ask(aster, admin_of(aster.ana.peer))
    with pytest.raises(ReissueOpen):
        ask(aster, admin_of(aster.bo.peer))
    with scope(tenant=aster.tenant):
        row = Reissue.objects.get()
        assert timedelta(hours=23) < row.expires_at - timezone.now() <= timedelta(hours=24)
        Reissue.objects.update(expires_at=timezone.now())
    with pytest.raises(ReissueMissing):
        approve(aster, admin_of(aster.bo.peer))
    ask(aster, admin_of(aster.bo.peer))
    approve(aster, admin_of(aster.ana.peer))
    with pytest.raises(ReissueMissing):
        approve(aster, admin_of(aster.ana.peer))


def test_an_approved_one_ends_sessions_keys_and_second_factor_and_tells_the_person(aster):
    second_factor_begin(peer=aster.cleo.peer)
    ask(aster, admin_of(aster.ana.peer))
    shown = person_show(peer=aster.bo.peer, user_id=aster.cleo.row.id)["reissue"]
    assert (shown["mine"], shown["may_approve"]) == (False, True)
    issued = approve(aster, admin_of(aster.bo.peer))
    assert issued.passphrase not in repr(issued)
    with pytest.raises(SessionUnknown):
        assert aster.cleo.peer
    assert keys(aster) == [False, True]
    with pytest.raises(SignInRefused):
        finish(started := start(aster.cleo.login), started.keys(aster.cleo.secret))
    assert sign_in(aster.cleo.login, issued.passphrase).peer().user.id == aster.cleo.row.id
    with scope(tenant=aster.tenant):
        assert not SecondFactor.objects.exists()
        mail = Notification.objects.get()
        assert (mail.event, mail.user_id, mail.context) == ("reissued", aster.cleo.row.id, "{}")
        row = Reissue.objects.get()
        assert (row.state, row.requested_by, row.decided_by) == (
            "approved",
            str(aster.ana.row.id),
            str(aster.bo.row.id),
        )
        events = AuditEvent.objects.filter(action__startswith="reissue.").order_by("seq")
        assert [(row.action, row.actor) for row in events] == [
            ("reissue.requested", aster.ana.row.id),
            ("reissue.approved", aster.bo.row.id),
        ]


def test_a_person_s_new_passphrase_is_words_and_must_be_replaced(aster):
    person = user_issue(tenant=aster.tenant, login="eva@aster.example")
    reissue_request(tenant_id=aster.tenant.id, user_id=person.user.id, by=admin_of(aster.ana.peer))
    issued = reissue_approve(tenant_id=aster.tenant.id, user_id=person.user.id, by=admin_of(aster.bo.peer))
    assert len(issued.passphrase.split("-")) == 6
    assert issued.passphrase != person.passphrase
    assert sign_in("eva@aster.example", issued.passphrase).peer().password_change_due


def test_a_pause_by_wrong_passwords_ends_with_the_new_passphrase(aster):
    wrong = password_keys("wrong", parameters=KdfParameters(suite=1, m=47104, t=2, p=1))
    for _ in range(5):
        with pytest.raises(SignInRefused):
            finish(start(aster.cleo.login), wrong)
    with pytest.raises(SignInPaused):
        start(aster.cleo.login)
    ask(aster, admin_of(aster.ana.peer))
    sign_in(aster.cleo.login, approve(aster, admin_of(aster.bo.peer)).passphrase)


def test_a_guest_has_no_admins_so_operators_do_it(aster):
    guest = user_issue(tenant=organisation("Guest"), login="guest@example.org", role="guest", kind="machine")
    given = {"tenant_id": guest.tenant.id, "user_id": guest.user.id}
    reissue_request(**given, by=ONE)
    assert sign_in(guest.login, reissue_approve(**given, by=TWO).passphrase)
