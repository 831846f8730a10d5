"""Signed requests: once, unaltered, in time, by a live session."""

import time
from uuid import uuid4

import pytest
from django.utils import timezone
from django_scopes import scope

from accounts.errors import RequestReplayed, SessionUnknown, SignatureInvalid, SignatureStale
from accounts.models import Session, Tenant, User
from accounts.sealed import tenant_owner
from accounts.services import request_authenticate
from sealpost.protocol.signature import WINDOW
from tests.accounts.client import ORIGIN, TARGET, SignedIn, sign_in
from vault.services import ring_shred

pytestmark = pytest.mark.django_db
AS_SENT = {"method": "POST", "target_uri": TARGET}


@pytest.fixture
def signed_in(robot) -> SignedIn:
    return sign_in(robot.login, robot.passphrase)


def _post(signed_in: SignedIn, **options):
    return signed_in.claim(method="POST", body=b"sealed", **options)


def test_signed_request_names_its_peer(signed_in, robot) -> None:
    claim, digest = _post(signed_in)
    peer = request_authenticate(claim=claim, digest=digest, **AS_SENT)
    assert (peer.user, peer.session_id, peer.nonce) == (robot.user, signed_in.session, claim.nonce)
    assert peer.shared_key.hex() not in repr(peer)
    assert repr(peer.shared_key) not in repr(peer)


def test_replayed_request_is_refused(signed_in) -> None:
    claim, digest = _post(signed_in)
    request_authenticate(claim=claim, digest=digest, **AS_SENT)
    with pytest.raises(RequestReplayed):
        request_authenticate(claim=claim, digest=digest, **AS_SENT)


def test_the_same_nonce_in_two_sessions_is_no_replay(signed_in, robot) -> None:
    for session in (signed_in, sign_in(robot.login, robot.passphrase)):
        claim, digest = _post(session, nonce=b"n" * 16)
        request_authenticate(claim=claim, digest=digest, **AS_SENT)


@pytest.mark.parametrize(
    "altered",
    [
        {"method": "DELETE"},
        {"target_uri": f"{ORIGIN}/api/v1/inbox"},
        {"target_uri": f"{TARGET}?x=1"},
        {"digest": "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"},
        {"digest": None},
    ],
)
def test_altered_request_is_refused_and_its_nonce_not_spent(signed_in, altered) -> None:
    claim, digest = _post(signed_in)
    as_sent = AS_SENT | {"digest": digest}
    with pytest.raises(SignatureInvalid):
        request_authenticate(claim=claim, **(as_sent | altered))
    request_authenticate(claim=claim, **as_sent)


@pytest.mark.parametrize("seconds", [-WINDOW - 5, WINDOW + 5])
def test_clock_out_of_the_window_is_refused(signed_in, seconds) -> None:
    claim, digest = _post(signed_in, created=int(time.time()) + seconds)
    with pytest.raises(SignatureStale):
        request_authenticate(claim=claim, digest=digest, **AS_SENT)


@pytest.mark.parametrize("seconds", [-WINDOW + 5, WINDOW - 5])
def test_clock_within_the_window_is_accepted(signed_in, seconds) -> None:
    claim, digest = _post(signed_in, created=int(time.time()) + seconds)
    request_authenticate(claim=claim, digest=digest, **AS_SENT)


def test_unknown_session_is_refused(signed_in) -> None:
    other = SignedIn(uuid4(), signed_in.user_keys, signed_in.transcript)
    with pytest.raises(SessionUnknown):
        other.peer()


def test_session_of_somebody_else_does_not_verify(signed_in, ana) -> None:
    hers = sign_in(ana.login, ana.passphrase)
    forged = SignedIn(hers.session, signed_in.user_keys, signed_in.transcript)
    with pytest.raises(SignatureInvalid):
        forged.peer()


@pytest.mark.parametrize("cause", ["ended", "expired", "removed", "suspended", "shredded"])
def test_dead_session_is_refused(signed_in, robot, cause) -> None:
    now = timezone.now()
    with scope(tenant=robot.tenant):
        if cause == "ended":
            Session.objects.update(ended_at=now)
        elif cause == "expired":
            Session.objects.update(expires_at=now)
        elif cause == "removed":
            User.objects.filter(id=robot.user.id).update(state=User.State.REMOVED)
        elif cause == "shredded":
            ring_shred(owner=tenant_owner(robot.tenant.id))
        else:
            Tenant.objects.filter(id=robot.tenant.id).update(state=Tenant.State.SUSPENDED)
    with pytest.raises(SessionUnknown):
        signed_in.peer()


def test_last_seen_moves_at_most_once_a_minute(signed_in, robot) -> None:
    with scope(tenant=robot.tenant):
        first = Session.objects.get().last_seen_at
        signed_in.peer()
        assert Session.objects.get().last_seen_at == first
        long_ago = first - timezone.timedelta(minutes=2)
        Session.objects.update(last_seen_at=long_ago)
        signed_in.peer()
        assert Session.objects.get().last_seen_at > long_ago
