"""`.sealed` files opened again: with the key at hand, or the passphrase of the time when they were saved."""

import os
from pathlib import Path

from sealpost.client import config
from sealpost.client.connect import keyring_name
from sealpost.client.container import Container, ContainerHead
from sealpost.client.download import free_path, safe_name
from sealpost.client.errors import FileUnreadable, FileUnwritable
from sealpost.client.keychain import shared_key_load
from sealpost.client.passphrase import passphrase_ask
from sealpost.client.session import keys_derive
from sealpost.crypto.encoding import b64u_encode


def container_open(path: Path, folder: Path, *, passphrase_file: str | None) -> Path:
    """Write the document of a `.sealed` file into a folder, whole or not at all; neither server nor session is needed.

    FileUnreadable, ContainerUnreadable, DecryptionError, KdfRefused, PassphraseMissing, FileUnwritable.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise FileUnreadable(f"{path.name} cannot be read ({error.strerror}). Nothing was written.") from error
    with file:
        container = Container(file)
        key = _shared_key(container.head, passphrase_file)
        name = safe_name(str(container.description(key)["name"]))
        part = folder / f"{name}.{container.head.record.hex()[:8]}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                for block in container.content(key):
                    out.write(block)
            saved = free_path(folder, name)
            part.rename(saved)
        except OSError as error:
            raise FileUnwritable(f"{name} cannot be written ({error.strerror}). Choose another folder.") from error
        finally:
            part.unlink(missing_ok=True)
    return saved


def _shared_key(head: ContainerHead, passphrase_file: str | None) -> bytes:
    known = config.remembered()
    if known and known.kid == b64u_encode(head.kid):
        kept = shared_key_load(keyring_name(known.server, known.login, known.kid))
        if kept:
            return kept
    passphrase = passphrase_ask(passphrase_file, prompt="Passphrase (the one of the time when it was saved)")
    return keys_derive(passphrase, parameters=head.parameters, salt=head.salt, kid=head.kid).shared_key
