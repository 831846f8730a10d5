"""Wrapped secrets are bound to their purpose, owner and row, and no bit of them can be altered."""

import pytest

from sealpost.errors import DecryptionError
from tests.vault.conftest import OTHER, OWNER
from vault.errors import RingMissing
from vault.services import secret_unwrap, secret_wrap

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rings")]
BINDING = {"owner": OWNER, "purpose": "shared-key", "row": "1"}


def test_a_secret_opens_for_what_it_was_wrapped_for():
    wrapped = secret_wrap(**BINDING, secret=b"s" * 32)
    assert len(wrapped) == 117
    assert b"s" * 8 not in wrapped
    assert secret_unwrap(**BINDING, wrapped=memoryview(wrapped)) == b"s" * 32


@pytest.mark.parametrize("other", [{"owner": OTHER}, {"purpose": "login-keys"}, {"row": "2"}, {"row": ""}])
def test_a_secret_moved_elsewhere_does_not_open(other):
    wrapped = secret_wrap(**BINDING, secret=b"secret")
    with pytest.raises(DecryptionError):
        secret_unwrap(**(BINDING | other), wrapped=wrapped)


def test_borders_between_purpose_and_row_cannot_be_moved():
    wrapped = secret_wrap(owner=OWNER, purpose="ab", row="c", secret=b"secret")
    with pytest.raises(DecryptionError):
        secret_unwrap(owner=OWNER, purpose="a", row="bc", wrapped=wrapped)


def test_every_altered_bit_is_refused_with_the_one_error():
    wrapped = secret_wrap(**BINDING, secret=b"s" * 32)
    for bit in range(len(wrapped) * 8):
        altered = bytearray(wrapped)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DecryptionError):
            secret_unwrap(**BINDING, wrapped=altered)


@pytest.mark.parametrize("cut", [0, 1, 5, 84, 85, 116])
def test_every_truncation_is_refused(cut):
    wrapped = secret_wrap(**BINDING, secret=b"s" * 32)
    with pytest.raises(DecryptionError):
        secret_unwrap(**BINDING, wrapped=wrapped[:cut])


def test_the_same_secret_twice_gives_different_bytes():
    first, second = (secret_wrap(**BINDING, secret=b"secret") for _ in range(2))
    parts = [slice(5, 37), slice(37, 69), slice(69, None)]  # salt, commitment, sealed secret
    assert all(first[part] != second[part] for part in parts)


def test_an_owner_without_a_ring_is_told():
    with pytest.raises(RingMissing):
        secret_wrap(owner="tenant:nobody", purpose="a", row="b", secret=b"secret")
