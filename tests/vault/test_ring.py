"""Key rings: versions that stay readable, and keys that are destroyed once and for ever."""

import pytest

from sealpost.crypto.wrap import wrapped_version
from sealpost.errors import DecryptionError
from tests.vault.conftest import OTHER, OWNER, opened, plaintext, sealed, stored_file
from vault.errors import RingMissing
from vault.models import KeyRing, KeyVersion, ObjectKey
from vault.services import (
    keyed_index,
    object_create,
    object_reader,
    object_share,
    ring_cache_clear,
    ring_create,
    ring_rotate,
    ring_shred,
    secret_unwrap,
    secret_wrap,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rings")]
BINDING = {"owner": OWNER, "purpose": "test", "row": "1"}


def test_what_an_old_version_wrapped_opens_after_a_new_one():
    old = secret_wrap(**BINDING, secret=b"under the first")
    object_id = sealed(plaintext(1000))
    assert ring_rotate(owner=OWNER) == 2
    new = secret_wrap(**BINDING, secret=b"under the second")
    assert [wrapped_version(old), wrapped_version(new)] == [1, 2]
    for _ in range(2):  # from the keys at rest, then from memory
        assert secret_unwrap(**BINDING, wrapped=old) == b"under the first"
        assert secret_unwrap(**BINDING, wrapped=new) == b"under the second"
        assert opened(object_reader(object_id=object_id, owner=OWNER)) == plaintext(1000)
        ring_cache_clear()


@pytest.mark.usefixtures("as_platform")
def test_a_new_version_rewrites_no_content():
    object_id = sealed(plaintext(1000))
    before = stored_file(object_id).read_bytes(), bytes(ObjectKey.objects.get(object_id=object_id).wrapped)
    ring_rotate(owner=OWNER)
    assert before == (stored_file(object_id).read_bytes(), bytes(ObjectKey.objects.get(object_id=object_id).wrapped))


def test_the_versions_of_one_ring_have_different_keys():
    one = secret_wrap(**BINDING, secret=b"secret")
    ring_rotate(owner=OWNER)
    relabelled = one[:1] + (2).to_bytes(4, "big") + one[5:]
    with pytest.raises(DecryptionError):
        secret_unwrap(**BINDING, wrapped=relabelled)


@pytest.mark.usefixtures("as_platform")
def test_making_a_ring_again_changes_nothing():
    wrapped = secret_wrap(**BINDING, secret=b"secret")
    ring_create(owner=OWNER)
    ring_cache_clear()
    assert KeyVersion.objects.filter(ring__owner=OWNER).count() == 1
    assert secret_unwrap(**BINDING, wrapped=wrapped) == b"secret"


@pytest.mark.usefixtures("as_platform")
def test_a_shredded_ring_opens_nothing_any_more_and_never_comes_back():
    wrapped, object_id = secret_wrap(**BINDING, secret=b"secret"), sealed(plaintext(1000))
    ring_rotate(owner=OWNER)
    ring_shred(owner=OWNER)
    assert {bytes(row.wrapped) for row in KeyVersion.objects.filter(ring__owner=OWNER)} == {b""}
    for again in (False, True):
        if again:
            ring_create(owner=OWNER)
        with pytest.raises(RingMissing):
            secret_unwrap(**BINDING, wrapped=wrapped)
        with pytest.raises(RingMissing):
            object_reader(object_id=object_id, owner=OWNER)
        with pytest.raises(RingMissing):
            object_create(owner=OWNER, size=1)
        with pytest.raises(RingMissing):
            ring_rotate(owner=OWNER)


def test_shredding_one_owner_leaves_what_was_shared_with_another():
    object_id = sealed(plaintext(1000))
    object_share(object_id=object_id, owner=OWNER, to_owner=OTHER)
    ring_shred(owner=OWNER)
    with pytest.raises(RingMissing):
        object_reader(object_id=object_id, owner=OWNER)
    assert opened(object_reader(object_id=object_id, owner=OTHER)) == plaintext(1000)


@pytest.mark.usefixtures("as_platform")
def test_a_key_moved_to_another_ring_does_not_open():
    theirs = KeyVersion.objects.get(ring__owner=OTHER)
    KeyVersion.objects.filter(ring__owner=OWNER).update(wrapped=theirs.wrapped)
    ring_cache_clear()
    with pytest.raises(DecryptionError):
        secret_wrap(**BINDING, secret=b"secret")


@pytest.mark.usefixtures("as_platform")
def test_a_key_moved_to_another_version_does_not_open():
    ring_rotate(owner=OWNER)
    first = KeyVersion.objects.get(ring__owner=OWNER, version=1)
    KeyVersion.objects.filter(ring__owner=OWNER, version=2).update(wrapped=first.wrapped)
    ring_cache_clear()
    with pytest.raises(DecryptionError):
        secret_wrap(**BINDING, secret=b"secret")


@pytest.mark.parametrize("act", [ring_rotate, ring_shred])
def test_an_owner_without_a_ring_is_told(act):
    with pytest.raises(RingMissing):
        act(owner="tenant:nobody")


def test_an_index_stays_the_same_through_rotation_and_tells_purposes_apart():
    before = keyed_index(purpose="login", value="ana@aster.example")
    ring_rotate(owner="platform")
    ring_cache_clear()
    assert keyed_index(purpose="login", value="ana@aster.example") == before
    assert keyed_index(purpose="other", value="ana@aster.example") != before
    assert len(before) == 32


@pytest.mark.usefixtures("as_platform")
def test_keys_lie_in_the_database_only_wrapped():
    ring_rotate(owner=OWNER)
    sizes = {len(bytes(row.wrapped)) for row in KeyVersion.objects.all()}
    assert sizes == {117}
    assert KeyRing.objects.get(owner=OWNER).current == 2
