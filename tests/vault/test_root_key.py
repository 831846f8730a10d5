"""The root key: a private file, and one clear sentence when it is not the right one."""

import os
import stat
from pathlib import Path

import pytest

from sealpost.errors import DecryptionError
from tests.vault.conftest import OWNER
from vault.errors import RootKeyMismatch, RootKeyMissing
from vault.models import RootKey
from vault.providers.file import FileRootKey, root_key_create
from vault.services import ring_cache_clear, ring_create, root_key_check, secret_unwrap, secret_wrap


def key_file(path: Path, content: bytes, mode: int = 0o400) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_it_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    path, before = tmp_path / "new" / "root.key", os.umask(0)
    try:
        assert root_key_create(path) is True
    finally:
        os.umask(before)
    made = path.read_bytes()
    assert (len(made), stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (
        32,
        0o400,
        0o700,
    )
    assert root_key_create(path) is False
    assert path.read_bytes() == made


def test_two_are_never_alike(tmp_path):
    for name in "ab":
        root_key_create(tmp_path / name)
    assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("content", "mode", "says"),
    [
        (bytes(31), 0o400, "has not 32 bytes"),
        (bytes(33), 0o400, "has not 32 bytes"),
        (b"", 0o400, "has not 32 bytes"),
        (bytes(32), 0o440, "may be read by others"),
        (bytes(32), 0o404, "may be read by others"),
    ],
)
def test_a_file_that_cannot_serve_is_one_sentence(tmp_path, content, mode, says):
    path = key_file(tmp_path / "root.key", content, mode)
    with pytest.raises(RootKeyMissing, match=says) as refused:
        FileRootKey(path)
    assert "\n" not in refused.value.sentence
    assert content[:8].hex() not in refused.value.sentence or not content


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(RootKeyMissing, match=r"cannot be read \(No such file or directory\)\.") as refused:
        FileRootKey(tmp_path / "root.key")
    assert "Without it nothing can be opened." in refused.value.sentence


def test_the_check_value_tells_keys_apart_and_is_no_key(tmp_path):
    one, two = (FileRootKey(key_file(tmp_path / name, os.urandom(32))) for name in "ab")
    assert one.check() == FileRootKey(tmp_path / "a").check() != two.check()
    assert one.check() != (tmp_path / "a").read_bytes()
    wrapped = one.wrap(b"ring key", aad=b"aad")
    assert one.unwrap(wrapped, aad=b"aad") == b"ring key"
    with pytest.raises(DecryptionError):
        one.unwrap(wrapped, aad=b"other")
    with pytest.raises(DecryptionError):
        two.unwrap(wrapped, aad=b"aad")


@pytest.mark.django_db
@pytest.mark.usefixtures("as_platform")
def test_the_first_check_records_the_key_and_another_one_is_refused(settings, tmp_path):
    settings.SEALPOST_VAULT_ROOT = key_file(tmp_path / "right.key", os.urandom(32))
    root_key_check()
    root_key_check()
    settings.SEALPOST_VAULT_ROOT = key_file(tmp_path / "wrong.key", os.urandom(32))
    with pytest.raises(RootKeyMismatch, match="not the one that this database was sealed with"):
        root_key_check()
    settings.SEALPOST_VAULT_ROOT = tmp_path / "right.key"
    root_key_check()
    assert RootKey.objects.count() == 1


@pytest.mark.django_db
def test_a_database_without_its_root_key_opens_nothing(settings, tmp_path):
    ring_create(owner=OWNER)
    wrapped = secret_wrap(owner=OWNER, purpose="a", row="1", secret=b"secret")
    ring_cache_clear()
    settings.SEALPOST_VAULT_ROOT = key_file(tmp_path / "wrong.key", os.urandom(32))
    with pytest.raises(DecryptionError):
        secret_unwrap(owner=OWNER, purpose="a", row="1", wrapped=wrapped)
    settings.SEALPOST_VAULT_ROOT = tmp_path / "nothing.key"
    with pytest.raises(RootKeyMissing):
        secret_unwrap(owner=OWNER, purpose="a", row="1", wrapped=wrapped)
