"""Sign-in: who gets a session, and what everybody else is told."""

import dataclasses
import os
import sys
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from accounts.errors import SignInRefused
from accounts.models import AuditEvent, Session, SharedKey, Tenant, User
from accounts.services import handshake as service
from sealpost.crypto.kdf import PASSWORD
from sealpost.errors import DecryptionError
from sealpost.protocol import handshake
from sealpost.protocol.keys import password_keys
from tests.accounts.client import finish, sign_in, start
from vault.services import ring_cache_clear, ring_shred

pytestmark = pytest.mark.django_db
SHAPE = {"suite", "m", "t", "p", "salt", "kid", "nonce", "challenge", "now"}
OURS = ("sealpost/", "vault/", "accounts/")


def test_issued_passphrase_signs_in_and_both_sides_prove_themselves(ana) -> None:
    signed_in = sign_in("  ANA@aster.example ", ana.passphrase)
    peer = signed_in.peer()
    assert peer.user == ana.user
    assert peer.tenant == ana.tenant
    assert peer.password_change_due
    assert peer.shared_key == signed_in.user_keys.shared_key
    assert peer.keys == handshake.session_keys(peer.shared_key, signed_in.transcript)


def test_machine_secret_signs_in_and_needs_no_change(robot) -> None:
    assert not sign_in(robot.login, robot.passphrase).peer().password_change_due


def test_client_stops_when_the_server_cannot_prove_itself(robot) -> None:
    started = start(robot.login)
    keys = started.keys(robot.passphrase)
    finished = finish(started, keys)
    for altered in ({"signature": os.urandom(32)}, {"confirmation": os.urandom(32)}, {"session": uuid4()}):
        shown = dataclasses.asdict(finished) | altered
        with pytest.raises(DecryptionError):
            handshake.server_verify(keys, transcript=started.transcript(keys), **shown)


def test_session_is_opened_with_its_event_and_client(robot) -> None:
    signed_in = sign_in(robot.login, robot.passphrase)
    with scope(tenant=robot.tenant):
        session = Session.objects.get()
        event = AuditEvent.objects.order_by("-seq").first()
    assert session.id == signed_in.session
    assert session.client == "sealpost test"
    assert (event.action, event.subject, event.actor) == ("session.opened", session.id, robot.user.id)


def test_wrong_password_is_refused(ana) -> None:
    started = start(ana.login)
    with pytest.raises(SignInRefused):
        finish(started, started.keys("another-password"))


@pytest.mark.parametrize("part", ["login", "shared_key"])
def test_both_proofs_are_needed(robot, part) -> None:
    started = start(robot.login)
    right, wrong = started.keys(robot.passphrase), password_keys("x", salt=bytes(16), kid=bytes(16))
    mixed = dataclasses.replace(right, **{part: getattr(wrong, part)})
    with pytest.raises(SignInRefused):
        finish(started, mixed)


def test_another_origin_is_refused(robot) -> None:
    started = start(robot.login, client_origin="https://phish.example")
    with pytest.raises(SignInRefused):
        finish(started, started.keys(robot.passphrase))


def test_unknown_login_has_the_same_shape_and_stays_the_same(ana) -> None:
    known = start(ana.login).answer
    first, second = start("Nobody@aster.example").answer, start(" nobody@aster.example").answer
    other = start("nobody2@aster.example").answer
    assert set(known) == set(first) == SHAPE
    assert {name: len(str(known[name])) for name in SHAPE} == {name: len(str(first[name])) for name in SHAPE}
    assert [first[name] for name in ("suite", "m", "t", "p")] == [PASSWORD.suite, PASSWORD.m, PASSWORD.t, PASSWORD.p]
    assert (first["salt"], first["kid"]) == (second["salt"], second["kid"])
    assert first["salt"] != other["salt"]
    assert first["kid"] != other["kid"]
    assert first["nonce"] != second["nonce"]


def test_unknown_login_is_refused_in_the_same_words(ana) -> None:
    said = []
    for login in (ana.login, "nobody@aster.example"):
        started = start(login)
        with pytest.raises(SignInRefused) as refused:
            finish(started, started.keys("wrong-password"))
        said.append((refused.value.code, refused.value.status, refused.value.sentence, refused.value.members))
    assert said[0] == said[1]


def test_keys_of_the_stand_in_open_nothing_for_an_unknown_login(robot) -> None:
    """An unknown login is checked against somebody's real keys; even whoever holds those gets nothing."""
    with scope(tenant=robot.tenant):
        SharedKey.objects.exclude(user=robot.user).delete()
    own = start(robot.login).keys(robot.passphrase)
    started = dataclasses.replace(start("nobody@aster.example"), login=robot.login)
    with pytest.raises(SignInRefused):
        finish(started, own)


def test_sign_in_is_refused_where_nobody_can_sign_in(db) -> None:
    started = start("nobody@aster.example")
    assert set(started.answer) == SHAPE
    with pytest.raises(SignInRefused):
        finish(started, started.keys("wrong-password"))


def _work(login: str, password: str) -> tuple[Counter, Counter]:
    """Calls of our own functions and statements on the database in a failed sign-in, the client's own work left out."""
    calls: Counter = Counter()
    root = f"{Path(service.__file__).parents[2]}/"

    def count(frame, event, _argument) -> None:
        place = frame.f_code.co_filename.removeprefix(root)
        if event == "call" and place.startswith(OURS):
            calls[place, frame.f_code.co_qualname] += 1

    started = start(login)
    keys = started.keys(password)
    agreed = started.transcript(keys)
    proofs = {
        "proof": handshake.client_proof(keys.login, agreed),
        "confirmation": handshake.client_confirmation(keys.shared_key, agreed),
    }
    ring_cache_clear()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        sys.setprofile(count)
        try:
            start(login)
            service.handshake_finish(challenge=started.challenge, client="", **proofs)
        except SignInRefused:
            pass
        finally:
            sys.setprofile(None)
    shapes = Counter(query["sql"].partition(" WHERE ")[0] for query in queries if "SAVEPOINT" not in query["sql"])
    return calls, shapes


def test_known_and_unknown_logins_cost_the_same_work(ana, ben) -> None:
    known, unknown = _work(ana.login, "wrong-password"), _work("nobody@aster.example", "wrong-password")
    reading = {"parameters_of": 1}  # of one row in memory
    differing = (known[0] - unknown[0]) + (unknown[0] - known[0])
    assert {name for _, name in differing} <= set(reading)
    assert known[1] == unknown[1]
    assert sum(known[0].values()) > 50


def test_challenge_serves_once_right_or_wrong(robot) -> None:
    started = start(robot.login)
    keys = started.keys(robot.passphrase)
    finish(started, keys)
    with pytest.raises(SignInRefused):
        finish(started, keys)
    started = start(robot.login)
    with pytest.raises(SignInRefused):
        finish(started, dataclasses.replace(keys, shared_key=bytes(32)))
    with pytest.raises(SignInRefused):
        finish(started, keys)


def test_expired_challenge_is_refused(robot, monkeypatch) -> None:
    monkeypatch.setattr(service, "CHALLENGE_SECONDS", 1)
    started = start(robot.login)
    keys = started.keys(robot.passphrase)
    time.sleep(1.2)
    with pytest.raises(SignInRefused):
        finish(started, keys)


def test_unknown_challenge_is_refused(db) -> None:
    with pytest.raises(SignInRefused):
        service.handshake_finish(challenge=uuid4(), proof=bytes(32), confirmation=bytes(32), client="")


@pytest.mark.parametrize("moment", ["before start", "before finish"])
@pytest.mark.parametrize("cause", ["removed", "suspended"])
def test_removed_user_and_suspended_tenant_are_refused(robot, cause, moment) -> None:
    started = start(robot.login)
    keys = started.keys(robot.passphrase)
    with scope(tenant=robot.tenant):
        if cause == "removed":
            User.objects.filter(id=robot.user.id).update(state=User.State.REMOVED)
        else:
            Tenant.objects.filter(id=robot.tenant.id).update(state=Tenant.State.SUSPENDED)
    if moment == "before start":
        started = start(robot.login)
    with pytest.raises(SignInRefused):
        finish(started, keys)


def test_shredded_organisation_is_refused(robot) -> None:
    started = start(robot.login)
    keys = started.keys(robot.passphrase)
    ring_shred(owner=f"tenant:{robot.tenant.id}")
    with pytest.raises(SignInRefused):
        finish(started, keys)
