"""The operating system's keyring, where one runs: it may keep K between calls, nothing else may."""

import keyring
from keyring.errors import KeyringError

from sealpost.crypto.encoding import b64u_decode, b64u_encode
from sealpost.errors import SealpostError

_SERVICE = "sealpost"


def _usable() -> bool:
    """A real backend: not the null or failing one, not one that writes plain files."""
    return keyring.get_keyring().priority >= 1 and "keyrings.alt" not in type(keyring.get_keyring()).__module__


def shared_key_load(name: str) -> bytes | None:
    """K of a session, or None."""
    try:
        kept = keyring.get_password(_SERVICE, name) if _usable() else None
        return b64u_decode(kept, 32) if kept else None
    except (KeyringError, SealpostError):
        return None


def shared_key_keep(name: str, shared_key: bytes) -> bool:
    """Whether the keyring keeps K now."""
    try:
        if not _usable():
            return False
        keyring.set_password(_SERVICE, name, b64u_encode(shared_key))
    except KeyringError:
        return False
    return True


def shared_key_forget(name: str) -> None:
    """Remove K from the keyring."""
    try:
        if _usable():
            keyring.delete_password(_SERVICE, name)
    except KeyringError:
        return
