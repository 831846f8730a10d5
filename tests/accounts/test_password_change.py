"""A new password: proof of the old one, new keys, every session ended."""

import dataclasses

import pytest
from django_scopes import scope, scopes_disabled

from accounts.errors import KeyRefused, PasswordRefused, SessionUnknown, SignInPaused, SignInRefused
from accounts.models import AuditEvent, SharedKey
from accounts.services import password_change, user_issue
from sealpost.crypto.kdf import KdfParameters
from sealpost.protocol.bundle import KeyBundle, bundle_digest, bundle_members, bundle_parse
from sealpost.protocol.handshake import change_proof
from sealpost.protocol.keys import UserKeys, password_keys, secret_keys, user_keys
from tests.accounts.client import SignedIn, finish, sign_in, start

pytestmark = pytest.mark.django_db


def _bundle(signed_in: SignedIn, new: UserKeys, **altered) -> KeyBundle:
    """What the client sends, through its JSON, proved with the keys that it signed in with."""
    old = altered.pop("old", signed_in.user_keys.login)
    transcript = altered.pop("transcript", signed_in.transcript)
    proof = change_proof(old, transcript=transcript, digest=bundle_digest(new))
    return dataclasses.replace(bundle_parse(bundle_members(new, proof=proof)), **altered)


def test_own_password_replaces_the_issued_one(ana) -> None:
    first, other = sign_in(ana.login, ana.passphrase), sign_in(ana.login, ana.passphrase)
    assert ana.tenant.state == "created"
    password_change(peer=first.peer(), bundle=_bundle(first, password_keys("a password of her own")))
    with scopes_disabled():
        ana.tenant.refresh_from_db()
    assert ana.tenant.state == "active", "the first own key in an organisation"
    for dead in (first, other):
        with pytest.raises(SessionUnknown):
            dead.peer()
    started = start(ana.login)
    with pytest.raises(SignInRefused):
        finish(started, started.keys(ana.passphrase))
    signed_in = sign_in(ana.login, "a password of her own")
    assert not signed_in.peer().password_change_due
    assert signed_in.user_keys.shared_key != first.user_keys.shared_key


def test_old_keys_are_retired_and_their_bytes_destroyed(robot) -> None:
    signed_in = sign_in(robot.login, robot.passphrase)
    password_change(peer=signed_in.peer(), bundle=_bundle(signed_in, secret_keys(b"s" * 32)))
    with scope(tenant=robot.tenant):
        old, new = SharedKey.objects.filter(user=robot.user).order_by("created_at")
        event = AuditEvent.objects.order_by("-seq").first()
    assert old.retired_at is not None
    assert bytes(old.wrapped_shared_key) == bytes(old.wrapped_login_keys) == b""
    assert bytes(old.kid) == signed_in.user_keys.kid
    assert new.retired_at is None
    assert event.action == "password.changed"


def test_change_needs_the_old_password(robot) -> None:
    signed_in = sign_in(robot.login, robot.passphrase)
    new = secret_keys(b"s" * 32)
    for wrong in (
        _bundle(signed_in, new, old=secret_keys(b"w" * 32).login),
        _bundle(signed_in, new, transcript=bytes(32)),
        _bundle(signed_in, new, shared_key=bytes(32)),
        _bundle(signed_in, new, proof=bytes(32)),
    ):
        with pytest.raises(PasswordRefused):
            password_change(peer=signed_in.peer(), bundle=wrong)
    assert signed_in.peer()


def test_guessing_the_old_password_is_paused(robot) -> None:
    signed_in = sign_in(robot.login, robot.passphrase)
    wrong = _bundle(signed_in, secret_keys(b"s" * 32), proof=bytes(32))
    for _ in range(5):
        with pytest.raises(PasswordRefused):
            password_change(peer=signed_in.peer(), bundle=wrong)
    with pytest.raises(SignInPaused):
        password_change(peer=signed_in.peer(), bundle=wrong)


@pytest.mark.parametrize(
    ("suite", "m", "t", "p"),
    [(1, 47103, 3, 4), (1, 262145, 3, 4), (1, 65536, 1, 4), (1, 65536, 11, 4), (1, 65536, 3, 0), (1, 65536, 3, 17),
     (0, 0, 0, 0), (2, 65536, 3, 4)],
)  # fmt: skip
def test_key_outside_the_bounds_or_of_another_suite_is_refused(ana, suite, m, t, p) -> None:
    signed_in = sign_in(ana.login, ana.passphrase)
    parameters = KdfParameters(suite=suite, m=m, t=t, p=p)
    new = user_keys(bytes(32), parameters=parameters, salt=b"s" * 16, kid=b"k" * 16)
    with pytest.raises(KeyRefused):
        password_change(peer=signed_in.peer(), bundle=_bundle(signed_in, new))
    assert signed_in.peer()


def test_kid_is_new_to_every_tenant(robot, ben) -> None:
    theirs = user_issue(tenant=ben.tenant, login="robot@birch.example", kind="machine")
    taken = [start(robot.login).keys(robot.passphrase).kid, start(theirs.login).keys(theirs.passphrase).kid]
    signed_in = sign_in(robot.login, robot.passphrase)
    for kid in taken:
        with pytest.raises(KeyRefused):
            password_change(peer=signed_in.peer(), bundle=_bundle(signed_in, secret_keys(b"s" * 32, kid=kid)))
    assert signed_in.peer()
    sign_in(robot.login, robot.passphrase)


def test_same_password_again_gives_other_keys(ana) -> None:
    first = sign_in(ana.login, ana.passphrase)
    password_change(peer=first.peer(), bundle=_bundle(first, password_keys(ana.passphrase)))
    again = sign_in(ana.login, ana.passphrase)
    assert again.user_keys.shared_key != first.user_keys.shared_key
