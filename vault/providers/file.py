"""The default provider: 32 bytes in a file that only its owner may read."""

import os
import stat
from pathlib import Path

from sealpost.crypto.hkdf import hkdf, label
from sealpost.crypto.wrap import unwrap, wrap
from vault.errors import RootKeyMissing

ROOT_KEY = 32


def root_key_create(path: Path) -> bool:
    """Make the file with mode 0400 and fresh bytes unless it is there; whether it was made. OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(os.urandom(ROOT_KEY))
        file.flush()
        os.fsync(file.fileno())
    return True


class FileRootKey:
    """A root key read from `path`; RootKeyMissing when it is not there, too open or of another length."""

    name = "file"

    def __init__(self, path: Path) -> None:
        try:
            mode = path.stat().st_mode
            key = path.read_bytes()
        except OSError as error:
            raise RootKeyMissing(
                f"the vault's root key {path} cannot be read ({error.strerror}). Without it nothing can be opened."
            ) from error
        if stat.S_IMODE(mode) & 0o077:
            raise RootKeyMissing(f"the vault's root key {path} may be read by others: run chmod 0400 on it.")
        if len(key) != ROOT_KEY:
            raise RootKeyMissing(f"the vault's root key {path} has not {ROOT_KEY} bytes: restore it from its backup.")
        self._key = hkdf(key, info=label("vault-root"))
        self._check = hkdf(key, info=label("vault-root-check"))

    def check(self) -> bytes:
        return self._check

    def wrap(self, secret: bytes, *, aad: bytes) -> bytes:
        return wrap(self._key, secret, version=1, aad=aad)

    def unwrap(self, wrapped: bytes, *, aad: bytes) -> bytes:
        return unwrap(self._key, wrapped, aad=aad)
