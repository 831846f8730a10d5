"""Sessions: listed for their user alone, ended one by one."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django_scopes import scope

from accounts.errors import NotFound, SessionUnknown
from accounts.models import Session
from accounts.services import session_end, session_list, user_issue
from tests.accounts.client import sign_in

pytestmark = pytest.mark.django_db


def test_list_shows_own_live_sessions_newest_first(robot, ana) -> None:
    first, second = sign_in(robot.login, robot.passphrase), sign_in(robot.login, robot.passphrase)
    sign_in(ana.login, ana.passphrase)
    listed = session_list(peer=first.peer())
    assert [row["id"] for row in listed] == [str(second.session), str(first.session)]
    assert [row["current"] for row in listed] == [False, True]
    assert {row["client"] for row in listed} == {"sealpost test"}
    assert set(listed[0]) == {"id", "created_at", "last_seen_at", "expires_at", "client", "current"}


def test_session_lasts_twelve_hours(robot) -> None:
    sign_in(robot.login, robot.passphrase)
    with scope(tenant=robot.tenant):
        row = Session.objects.get()
    assert abs(row.expires_at - row.created_at - timedelta(hours=12)) < timedelta(seconds=1)


def test_ended_session_is_dead_and_gone_from_the_list(robot) -> None:
    first, second = sign_in(robot.login, robot.passphrase), sign_in(robot.login, robot.passphrase)
    session_end(peer=first.peer(), session_id=second.session)
    with pytest.raises(SessionUnknown):
        second.peer()
    assert len(session_list(peer=first.peer())) == 1
    with pytest.raises(NotFound):
        session_end(peer=first.peer(), session_id=second.session)


def test_sign_out_ends_the_current_session(robot) -> None:
    signed_in = sign_in(robot.login, robot.passphrase)
    session_end(peer=signed_in.peer(), session_id=signed_in.session)
    with pytest.raises(SessionUnknown):
        signed_in.peer()


def test_sessions_of_teammates_and_outsiders_are_not_found(robot, ana, ben) -> None:
    teammate = user_issue(tenant=ana.tenant, login="second@aster.example", kind="machine")
    outsider = user_issue(tenant=ben.tenant, login="second@birch.example", kind="machine")
    own = sign_in(robot.login, robot.passphrase)
    for other in (teammate, outsider):
        theirs = sign_in(other.login, other.passphrase)
        with pytest.raises(NotFound):
            session_end(peer=own.peer(), session_id=theirs.session)
        assert theirs.peer()
    with pytest.raises(NotFound):
        session_end(peer=own.peer(), session_id=uuid4())
