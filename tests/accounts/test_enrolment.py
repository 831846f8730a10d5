"""Enrolment A: one invitation, one transmission; and what is issued for enrolment B."""

import json
import math
import os
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from django_scopes import scope

from accounts.errors import InvitationUnknown, KeyRefused, LoginInvalid, LoginTaken
from accounts.models import EnrolmentKey, Invitation, Tenant, User
from accounts.services import enrolment_finish, enrolment_key, enrolment_view, user_invite, user_issue
from accounts.services.user_create import passphrase_new
from sealpost.crypto import stream
from sealpost.crypto.hpke import hpke_seal, key_pair_new
from sealpost.crypto.kdf import KdfParameters, secret_parse
from sealpost.errors import DecryptionError
from sealpost.protocol.enrolment import (
    InvitationLink,
    enrolment_seal,
    link_parse,
    view_aad,
    view_key,
    view_proof,
)
from sealpost.protocol.keys import UserKeys, password_keys, user_keys
from tests.accounts.client import ORIGIN, sign_in, start

pytestmark = pytest.mark.django_db
LOGIN, PASSWORD = "cleo@aster.example", "a password of her own"
CHEAP = KdfParameters(suite=1, m=47104, t=2, p=1)


@pytest.fixture
def link(aster) -> InvitationLink:
    """A fresh invitation for cleo."""
    return link_parse(user_invite(tenant=aster, login=LOGIN, name="Cleo Quist"))


@pytest.fixture
def keys() -> UserKeys:
    return password_keys(PASSWORD, parameters=CHEAP)


def _sealed(keys: UserKeys, link: InvitationLink, *, origin: str = ORIGIN) -> tuple[UUID, bytes]:
    key, public = enrolment_key()
    return key, enrolment_seal(keys, link, origin=origin, key=key, public_key=public)


def _finish(link: InvitationLink, key: UUID, sealed: bytes, *, origin: str = ORIGIN) -> str:
    return enrolment_finish(invitation=link.invitation, key=key, sealed=sealed, origin=origin)


def _view(link: InvitationLink, *, secret: bytes | None = None) -> dict:
    nonce, secret = os.urandom(16), secret or link.secret
    proof = view_proof(secret, invitation=link.invitation, nonce=nonce)
    sealed = enrolment_view(invitation=link.invitation, nonce=nonce, proof=proof)
    aad = view_aad(invitation=link.invitation, nonce=nonce)
    return json.loads(stream.open(view_key(secret, invitation=link.invitation), sealed, aad=aad))


def test_link_shows_who_invites_whom(link) -> None:
    seen = _view(link)
    assert (seen["login"], seen["name"], seen["tenant"]) == (LOGIN, "Cleo Quist", "Aster Legal")
    life = timezone.datetime.fromisoformat(seen["expires_at"]) - timezone.now()
    assert timedelta(days=13, hours=23) < life <= timedelta(days=14)


def test_invited_person_enrols_and_signs_in(link, keys) -> None:
    assert _finish(link, *_sealed(keys, link)) == LOGIN
    signed_in = sign_in(LOGIN, PASSWORD)
    assert signed_in.user_keys == keys
    assert not signed_in.peer().password_change_due


def test_before_enrolment_a_login_is_unknown(link) -> None:
    first, second = start(LOGIN).answer, start(LOGIN).answer
    assert first["salt"] == second["salt"]
    assert first["m"] == 65536


def test_invitation_serves_once(link, keys) -> None:
    key, sealed = _sealed(keys, link)
    _finish(link, key, sealed)
    with pytest.raises(InvitationUnknown):
        _finish(link, key, sealed)
    with pytest.raises(InvitationUnknown):
        _finish(link, *_sealed(password_keys("another", parameters=CHEAP), link))
    with pytest.raises(InvitationUnknown):
        _view(link)
    sign_in(LOGIN, PASSWORD)


def test_expired_invitation_is_unknown(link, keys, aster) -> None:
    key, sealed = _sealed(keys, link)
    with scope(tenant=aster):
        Invitation.objects.update(expires_at=timezone.now())
    for attempt in (lambda: _view(link), lambda: _finish(link, key, sealed)):
        with pytest.raises(InvitationUnknown):
            attempt()


def test_invitation_of_a_suspended_organisation_is_unknown(link, keys, aster) -> None:
    with scope(tenant=aster):
        Tenant.objects.filter(id=aster.id).update(state=Tenant.State.SUSPENDED)
    with pytest.raises(InvitationUnknown):
        _finish(link, *_sealed(keys, link))


def test_bad_proof_unknown_invitation_and_unknown_key_are_one_answer(link, keys) -> None:
    stranger = InvitationLink(link.invitation, os.urandom(32), link.fingerprint)
    nowhere = InvitationLink(uuid4(), link.secret, link.fingerprint)
    key, sealed = _sealed(keys, link)
    _, public = enrolment_key()
    info_of_another_origin = _sealed(keys, link, origin="https://phish.example")[1]
    for attempt in (
        lambda: _view(link, secret=os.urandom(32)),
        lambda: _view(nowhere),
        lambda: _finish(stranger, *_sealed(keys, stranger)),
        lambda: _finish(nowhere, *_sealed(keys, nowhere)),
        lambda: _finish(link, uuid4(), sealed),
        lambda: _finish(link, key, info_of_another_origin),
        lambda: _finish(link, key, b""),
        lambda: _finish(link, key, hpke_seal(public, b"{}", info=b"")),
    ):
        with pytest.raises(InvitationUnknown):
            attempt()
    assert _finish(link, key, sealed) == LOGIN


def test_every_altered_byte_of_the_bundle_is_refused(link, keys) -> None:
    key, sealed = _sealed(keys, link)
    for at in (*range(0, len(sealed), 37), len(sealed) - 1):
        altered = bytearray(sealed)
        altered[at] ^= 1
        with pytest.raises(InvitationUnknown):
            _finish(link, key, bytes(altered))
    for cut in (sealed[:-1], sealed + b"\0", sealed[:32]):
        with pytest.raises(InvitationUnknown):
            _finish(link, key, cut)


def test_client_refuses_a_key_of_another_fingerprint(link, keys) -> None:
    key, _ = enrolment_key()
    with pytest.raises(DecryptionError):
        enrolment_seal(keys, link, origin=ORIGIN, key=key, public_key=key_pair_new()[1])


@pytest.mark.parametrize(
    "parameters", [KdfParameters(1, 1024, 3, 4), KdfParameters(0, 0, 0, 0), KdfParameters(2, 0, 0, 0)]
)
def test_weak_key_is_refused_and_the_invitation_still_serves(link, keys, parameters) -> None:
    weak = user_keys(bytes(32), parameters=parameters, salt=b"s" * 16, kid=b"k" * 16)
    with pytest.raises(KeyRefused):
        _finish(link, *_sealed(weak, link))
    assert _finish(link, *_sealed(keys, link)) == LOGIN


def test_kid_of_somebody_else_is_refused_and_the_invitation_still_serves(link, keys, robot) -> None:
    kid = start(robot.login).keys(robot.passphrase).kid
    with pytest.raises(KeyRefused):
        _finish(link, *_sealed(password_keys(PASSWORD, parameters=CHEAP, kid=kid), link))
    assert _finish(link, *_sealed(keys, link)) == LOGIN


def test_second_invitation_withdraws_the_first(link, keys, aster) -> None:
    again = link_parse(user_invite(tenant=aster, login=LOGIN))
    with pytest.raises(InvitationUnknown):
        _finish(link, *_sealed(keys, link))
    assert _view(again)["name"] == "Cleo Quist"
    assert _finish(again, *_sealed(keys, again)) == LOGIN
    with pytest.raises(LoginTaken):
        user_invite(tenant=aster, login=LOGIN)


def test_login_invited_elsewhere_is_taken(link, ben) -> None:
    with pytest.raises(LoginTaken):
        user_invite(tenant=ben.tenant, login=LOGIN)
    with pytest.raises(LoginTaken):
        user_issue(tenant=ben.tenant, login=LOGIN.upper(), kind="machine")


@pytest.mark.parametrize("login", ["", "cleo", "cleo@", "@aster.example", "c leo@aster.example", "c@" + "x" * 254])
def test_login_of_no_form_is_refused(aster, login) -> None:
    with pytest.raises(LoginInvalid):
        user_issue(tenant=aster, login=login, kind="machine")


@pytest.mark.usefixtures("as_platform")
def test_enrolment_key_is_made_once_and_kept_wrapped(db) -> None:
    assert enrolment_key() == enrolment_key()
    row = EnrolmentKey.objects.get()
    assert len(bytes(row.wrapped_private)) == 117


def test_issued_passphrase_has_six_words_and_enough_of_them(ana) -> None:
    from accounts.services.user_create import _wordlist

    assert len(ana.passphrase.split("-")) == 6
    assert all(word.isalpha() and word.islower() for word in ana.passphrase.split("-"))
    assert len(set(_wordlist())) == len(_wordlist())
    assert 6 * math.log2(len(_wordlist())) >= 77
    assert passphrase_new() != passphrase_new()
    assert ana.passphrase not in repr(ana)


def test_machine_secret_has_256_bits(robot) -> None:
    assert len(secret_parse(robot.passphrase)) == 32
    assert start(robot.login).answer["suite"] == 0


def test_removed_person_does_not_come_back_by_an_old_link(link, keys, aster) -> None:
    with scope(tenant=aster):
        User.objects.update(state=User.State.REMOVED)
    with pytest.raises(InvitationUnknown):
        _finish(link, *_sealed(keys, link))
