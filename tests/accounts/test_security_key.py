"""Security keys as factors: the first and the last, beside an app, what the password alone may not, names, removal."""

from uuid import uuid4

import pytest
from django_scopes import scope

from accounts.models import RecoveryCode, SecurityKey, TenantRules
from accounts.services import (
    second_factor_begin,
    second_factor_check,
    second_factor_confirm,
    second_factor_remove,
    second_factor_show,
    security_key_begin,
    security_key_challenge,
    security_key_confirm,
    security_key_list,
    security_key_remove,
    security_key_rename,
)
from accounts.services.factors import second_factor_reset
from accounts.services.security_key import KEYS_MOST
from accounts.services.security_key_check import credential_of, credential_wrap
from sealpost.crypto.encoding import b64u_encode
from sealpost.errors import DecryptionError
from tests.accounts.client import ORIGIN, sign_in
from tests.accounts.conftest import organisation
from tests.accounts.security_key import QuickPerson, SoftwareKey, add, check, events, keys_kept
from tests.accounts.test_second_factor import Person, code_of, require
from tests.refusal import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def aster(db):
    return organisation("Aster")


@pytest.fixture
def person(aster) -> Person:
    return QuickPerson(aster)


@pytest.fixture
def key() -> SoftwareKey:
    return SoftwareKey()


@pytest.fixture
def enrolled(person, key) -> Person:
    """A person whose only factor is the key."""
    add(person.peer(), key)
    return person


def test_a_key_is_the_first_factor_and_brings_recovery_codes(person, key):
    peer = person.peer()
    shape, codes = add(peer, key, name="  Blue   key ")
    assert (shape["name"], shape["used_at"], len(set(codes))) == ("Blue key", None, 10)
    assert security_key_list(peer=peer) == [shape]
    assert second_factor_show(peer=peer) == {
        "enrolled": True, "totp": False, "keys": 1, "required": False, "due": False, "recovery_codes": 10,
    }  # fmt: skip
    again = person.peer()
    assert again.second_factor_due
    second_factor_check(peer=again, code=codes[0])


def test_a_session_is_asked_for_a_key_once(aster, key):
    person = Person(aster)
    add(person.peer(), key)
    signed = sign_in(person.issued.login, person.issued.passphrase)
    assert signed.peer().second_factor_due
    check(signed.peer(), key)
    assert not signed.peer().second_factor_due
    (shape,) = security_key_list(peer=signed.peer())
    assert shape["used_at"] > shape["created_at"]


def test_a_second_factor_more_brings_no_new_codes_and_each_of_them_passes(enrolled, key):
    peer = enrolled.peer()
    check(peer, key)
    spare = SoftwareKey(counts=False)
    assert add(peer, spare, name="Spare")[1] == []
    secret = second_factor_begin(peer=peer)["secret"]
    assert second_factor_confirm(peer=peer, code=code_of(secret, -1)) == []
    check(enrolled.peer(), spare)
    check(enrolled.peer(), spare)  # a passkey says 0 for ever
    check(enrolled.peer(), key)
    second_factor_check(peer=enrolled.peer(), code=code_of(secret))


def test_the_password_alone_neither_adds_nor_shows_nor_renames(enrolled):
    peer = enrolled.peer()
    (known,) = keys_kept()
    for work in (
        lambda: add(peer, SoftwareKey()),
        lambda: second_factor_begin(peer=peer),
        lambda: second_factor_confirm(peer=peer, code="000000"),
        lambda: security_key_list(peer=peer),
        lambda: security_key_rename(peer=peer, key_id=known.id, name="Mine"),
    ):
        with refused("second_factor_due"):
            work()


def test_what_was_begun_before_another_factor_came_is_not_finished(aster, key):
    """Who knows the password alone, and began before the person had a factor, does not get one in beside it."""
    person = Person(aster)
    thief, owner = person.peer(), person.peer()
    options, secret = security_key_begin(peer=thief, origin=ORIGIN), second_factor_begin(peer=thief)["secret"]
    add(owner, key)
    answer = SoftwareKey().create(options)
    with refused("second_factor_due"):
        security_key_confirm(peer=thief, name="Thief", untrusted_credential=answer, origin=ORIGIN)
    with refused("second_factor_due"):
        second_factor_confirm(peer=thief, code=code_of(secret))


def test_the_first_factor_is_asked_of_other_open_sessions(aster, key):
    person = Person(aster)
    other, signed = (sign_in(person.issued.login, person.issued.passphrase) for _ in range(2))
    add(signed.peer(), key)
    assert other.peer().second_factor_due
    assert not signed.peer().second_factor_due


def test_a_key_is_added_once_and_twenty_at_most(person, key):
    peer = person.peer()
    add(peer, key)
    with refused("security_key_exists"):
        add(peer, key)
    with scope(tenant=peer.tenant):
        (row,) = SecurityKey.objects.all()
        rows = [SecurityKey(tenant=peer.tenant, user=peer.user) for _ in range(KEYS_MOST - 1)]
        for one in rows:
            one.name = "More"
            credential_wrap(one, credential_of(row))
        SecurityKey.objects.bulk_create(rows)
    with refused("too_many_security_keys"):
        add(peer, SoftwareKey())


@pytest.mark.parametrize("name", ["", " ", "x" * 121, "a\x00b"])
def test_a_key_has_a_name(person, key, name):
    peer = person.peer()
    with refused("name_invalid"):
        add(peer, key, name=name)
    shape, _ = add(peer, SoftwareKey())
    with refused("name_invalid"):
        security_key_rename(peer=peer, key_id=shape["id"], name=name)
    assert security_key_rename(peer=peer, key_id=shape["id"], name="Red")["name"] == "Red"
    assert [one["name"] for one in security_key_list(peer=peer)] == ["Red"]
    with refused("not_found"):
        security_key_rename(peer=peer, key_id=uuid4(), name="Red")


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", "http://[::1]:8000", "https://192.0.2.7"])
def test_at_an_ip_address_there_are_none(enrolled, key, origin):
    peer = enrolled.peer()
    for work in (security_key_begin, security_key_challenge):
        with refused("security_keys_unavailable"):
            work(peer=peer, origin=origin)
    check(peer, key)


def test_a_key_serves_at_the_host_it_was_made_for(enrolled):
    with refused("security_key_missing"):
        security_key_challenge(peer=enrolled.peer(), origin="http://localhost:8000")


def test_a_key_is_removed_by_passing_any_factor(enrolled, key):
    peer = enrolled.peer()
    check(peer, key)
    spare = SoftwareKey()
    shape, _ = add(peer, spare, name="Spare")
    with refused("second_factor_refused"):
        security_key_remove(peer=peer, key_id=shape["id"], code="1")
    answer = key.get(security_key_challenge(peer=peer, origin=ORIGIN))
    security_key_remove(peer=peer, key_id=shape["id"], untrusted_credential=answer, origin=ORIGIN)
    assert [one["name"] for one in security_key_list(peer=peer)] == ["Blue key"]
    assert second_factor_show(peer=peer)["recovery_codes"] == 10
    with refused("not_found"):
        security_key_remove(peer=peer, key_id=shape["id"], code="1")


def test_with_the_last_factor_the_recovery_codes_go(person, key):
    peer = person.peer()
    shape, codes = add(peer, key)
    security_key_remove(peer=peer, key_id=shape["id"], code=codes[0])
    assert second_factor_show(peer=peer)["recovery_codes"] == 0
    assert not person.peer().second_factor_due


def test_the_last_factor_stays_where_policy_requires_one(aster, person, key):
    peer = person.peer()
    shape, codes = add(peer, key)
    require(aster)
    with refused("second_factor_required"):
        security_key_remove(peer=peer, key_id=shape["id"], code=codes[0])
    secret = second_factor_begin(peer=peer)["secret"]
    second_factor_confirm(peer=peer, code=code_of(secret, -1))
    security_key_remove(peer=peer, key_id=shape["id"], code=codes[1])
    with refused("second_factor_required"):
        second_factor_remove(peer=peer, code=codes[2])
    with scope(tenant=aster):
        TenantRules.objects.all().delete()
        assert RecoveryCode.objects.filter(used_at=None).count() == 9  # of those refused none was used


def test_the_app_is_removed_by_a_key(enrolled, key):
    peer = enrolled.peer()
    with refused("second_factor_missing"):
        second_factor_remove(peer=peer, code="1")
    check(peer, key)
    secret = second_factor_begin(peer=peer)["secret"]
    second_factor_confirm(peer=peer, code=code_of(secret, -1))
    answer = key.get(security_key_challenge(peer=peer, origin=ORIGIN))
    second_factor_remove(peer=peer, untrusted_credential=answer, origin=ORIGIN)
    shown = second_factor_show(peer=peer)
    assert (shown["totp"], shown["keys"], shown["recovery_codes"]) == (False, 1, 10)


def test_where_policy_requires_one_a_key_will_do(aster, key):
    require(aster)
    person = Person(aster)
    signed = sign_in(person.issued.login, person.issued.passphrase)
    assert signed.peer().second_factor_due
    add(signed.peer(), key)
    assert not signed.peer().second_factor_due


def test_a_reset_forgets_keys(enrolled):
    peer = enrolled.peer()
    with scope(tenant=peer.tenant):
        second_factor_reset(user=peer.user)
    assert keys_kept() == []
    assert not enrolled.peer().second_factor_due


def test_everything_is_recorded_by_the_key_s_id_alone(enrolled, key):
    peer = enrolled.peer()
    check(peer, key)
    (row,) = keys_kept()
    security_key_rename(peer=peer, key_id=row.id, name="Red")
    answer = key.get(security_key_challenge(peer=peer, origin=ORIGIN))
    security_key_remove(peer=peer, key_id=row.id, untrusted_credential=answer, origin=ORIGIN)
    for action in ("key_added", "key_renamed", "key_removed"):
        (event,) = events(f"second_factor.{action}")
        assert (event.actor, event.subject, event.details) == (peer.user.id, peer.user.id, {"key": str(row.id)})


def test_name_id_and_public_key_lie_sealed_and_bound_to_their_row(enrolled, key):
    (row,) = keys_kept()
    stored = bytes(row.wrapped_credential) + bytes(row.name_sealed)
    point = key.private.public_key().public_numbers().x.to_bytes(32, "big")
    marks = [key.id, point, b"Blue key"]
    assert not [mark for mark in marks for said in (mark, b64u_encode(mark).encode()) if said in stored]
    assert credential_of(row).id == key.id
    row.id = uuid4()
    with pytest.raises(DecryptionError):
        credential_of(row)
