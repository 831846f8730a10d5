"""The second factor: asked for once a session, each code once, wrong ones counted, required where policy says so."""

import base64
import time
from uuid import uuid4

import pytest
from django.core.cache import cache
from django_otp.oath import totp
from django_scopes import scope, scopes_disabled

from accounts.models import RecoveryCode, RulesKind, SecondFactor, Session, TenantRules
from accounts.peer import Peer
from accounts.services import (
    second_factor_begin,
    second_factor_check,
    second_factor_confirm,
    second_factor_remove,
    second_factor_show,
    user_issue,
)
from accounts.services.second_factor import second_factors_demand
from tests.accounts.client import sign_in
from tests.accounts.conftest import organisation
from tests.refusal import refused

pytestmark = pytest.mark.django_db


def code_of(secret: str, drift: int = 0) -> str:
    """What an authenticator app shows for this base32 secret."""
    return f"{totp(base64.b32decode(secret), drift=drift):06d}"


def require(tenant) -> None:
    with scope(tenant=tenant):
        TenantRules.objects.create(
            tenant=tenant, kind=RulesKind.POLICY, version=1, members={"second_factor_required": True}, changed_by="1"
        )


class Person:
    """Somebody with a password, who signs in as often as a test needs."""

    def __init__(self, tenant) -> None:
        self.issued = user_issue(tenant=tenant, login=f"{uuid4().hex}@aster.example", name="Person")

    def peer(self) -> Peer:
        return sign_in(self.issued.login, self.issued.passphrase).peer()

    def enrol(self) -> tuple[str, list[str]]:
        peer = self.peer()
        secret = second_factor_begin(peer=peer)["secret"]
        return secret, second_factor_confirm(peer=peer, code=code_of(secret, -1))


@pytest.fixture
def aster(db):
    return organisation("Aster")


@pytest.fixture
def person(aster) -> Person:
    return Person(aster)


def test_without_one_nothing_is_asked(person):
    peer = person.peer()
    assert not peer.second_factor_due
    assert second_factor_show(peer=peer) == {
        "enrolled": False, "totp": False, "keys": 0, "required": False, "due": False, "recovery_codes": 0,
    }  # fmt: skip


def test_a_session_after_enrolment_is_asked_once(person):
    secret, _ = person.enrol()
    signed = sign_in(person.issued.login, person.issued.passphrase)
    assert signed.peer().second_factor_due
    with refused("second_factor_refused"):
        second_factor_check(peer=signed.peer(), code="000000")
    second_factor_check(peer=signed.peer(), code=code_of(secret))
    assert not signed.peer().second_factor_due


def test_it_counts_only_once_confirmed(person):
    peer = person.peer()
    secret = second_factor_begin(peer=peer)["secret"]
    assert not person.peer().second_factor_due
    with refused("second_factor_refused"):
        second_factor_confirm(peer=peer, code="123456" if code_of(secret) != "123456" else "654321")
    again = second_factor_begin(peer=peer)["secret"]
    assert again != secret
    with refused("second_factor_refused"):
        second_factor_confirm(peer=peer, code=code_of(secret))
    second_factor_confirm(peer=peer, code=code_of(again))
    with refused("second_factor_exists"):
        second_factor_begin(peer=peer)


def test_a_code_serves_once(person):
    secret, _ = person.enrol()
    code = code_of(secret)
    second_factor_check(peer=person.peer(), code=code)
    with refused("second_factor_refused"):
        second_factor_check(peer=person.peer(), code=code)


@pytest.mark.parametrize("drift", [-1, 0, 1])
def test_a_clock_half_a_minute_off_is_forgiven(person, drift):
    secret, _ = person.enrol()
    with scopes_disabled():
        SecondFactor.objects.update(last_step=0)
    second_factor_check(peer=person.peer(), code=code_of(secret, drift))


@pytest.mark.parametrize("drift", [-3, 3])
def test_a_clock_further_off_is_not(person, drift):
    secret, _ = person.enrol()
    with scopes_disabled():
        SecondFactor.objects.update(last_step=0)
    with refused("second_factor_refused"):
        second_factor_check(peer=person.peer(), code=code_of(secret, drift))


def test_each_recovery_code_serves_once_however_it_is_written(person):
    _, codes = person.enrol()
    assert len(set(codes)) == 10
    second_factor_check(peer=person.peer(), code=codes[0].replace("-", " ").upper())
    with refused("second_factor_refused"):
        second_factor_check(peer=person.peer(), code=codes[0])
    assert second_factor_show(peer=person.peer())["recovery_codes"] == 9


def test_guesses_are_paused_like_wrong_passwords(person):
    secret, _ = person.enrol()
    peer = person.peer()
    for _ in range(5):
        with refused("second_factor_refused"):
            second_factor_check(peer=peer, code="1")
    with refused("sign_in_paused"):
        second_factor_check(peer=peer, code=code_of(secret))
    cache.clear()
    second_factor_check(peer=peer, code=code_of(secret))


def test_one_is_given_up_by_a_code_unless_policy_requires_it(aster, person):
    secret, codes = person.enrol()
    peer = person.peer()
    with refused("second_factor_refused"):
        second_factor_remove(peer=peer, code="1")
    require(aster)
    with refused("second_factor_required"):
        second_factor_remove(peer=peer, code=codes[0])
    with scope(tenant=aster):
        TenantRules.objects.all().delete()
    second_factor_remove(peer=peer, code=code_of(secret))
    assert not person.peer().second_factor_due
    with refused("second_factor_missing"):
        second_factor_remove(peer=peer, code=codes[1])


def test_where_policy_requires_one_who_has_none_is_asked_to_make_one(aster, person):
    require(aster)
    signed = sign_in(person.issued.login, person.issued.passphrase)
    assert signed.peer().second_factor_due
    with refused("second_factor_refused"):
        second_factor_check(peer=signed.peer(), code="000000")
    secret = second_factor_begin(peer=signed.peer())["secret"]
    second_factor_confirm(peer=signed.peer(), code=code_of(secret))
    assert not signed.peer().second_factor_due


def test_a_policy_that_begins_to_require_one_asks_open_sessions(aster, person):
    signed = sign_in(person.issued.login, person.issued.passphrase)
    robot = user_issue(tenant=aster, login="robot@aster.example", kind="machine")
    machine = sign_in(robot.login, robot.passphrase)
    with scope(tenant=aster):
        second_factors_demand(tenant_id=aster.id)
    assert signed.peer().second_factor_due
    assert not machine.peer().second_factor_due


def test_partner_systems_have_none(aster):
    require(aster)
    robot = user_issue(tenant=aster, login="robot@aster.example", kind="machine")
    assert not sign_in(robot.login, robot.passphrase).peer().second_factor_due


def test_secret_and_codes_lie_wrapped_and_hashed(person):
    secret, codes = person.enrol()
    with scopes_disabled():
        row, spare = SecondFactor.objects.get(), list(RecoveryCode.objects.all())
        assert Session.objects.filter(second_factor_due=True).count() == 0
    stored = bytes(row.wrapped_secret) + b"".join(bytes(code.hash) for code in spare)
    assert base64.b32decode(secret) not in stored
    assert all(code.replace("-", "").encode() not in stored for code in codes)
    assert row.last_step <= int(time.time()) // 30
