"""Records that the client keeps at rest, sealed under the local key (docs/protocol.md, section 12)."""

import json
import os
from pathlib import Path
from typing import Any, cast

from sealpost.crypto import stream
from sealpost.crypto.hkdf import hmac_sha256
from sealpost.errors import DecryptionError
from sealpost.protocol.keys import local_aad, local_key


class Records:
    """Sealed JSON records in a private folder; their names are keyed hashes too."""

    def __init__(self, folder: Path, shared_key: bytes) -> None:
        self._folder, self._shared_key = folder, shared_key

    def _path(self, purpose: str, record: str) -> Path:
        name = hmac_sha256(local_key(self._shared_key, f"{purpose}-name"), record.encode()).hex()
        return self._folder / name[:40]

    def load(self, purpose: str, record: str) -> dict[str, Any] | None:
        """A record, or None where there is none that this key opens."""
        try:
            sealed = self._path(purpose, record).read_bytes()
            plaintext = stream.open(local_key(self._shared_key, purpose), sealed, aad=local_aad(purpose, record))
        except (OSError, DecryptionError):
            return None
        return cast(dict[str, Any], json.loads(plaintext))

    def save(self, purpose: str, record: str, members: dict[str, Any]) -> None:
        """Keep a record, whole or not at all, with mode 0600."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = local_key(self._shared_key, purpose)
        sealed = stream.seal(key, json.dumps(members).encode(), aad=local_aad(purpose, record))
        private_write(self._path(purpose, record), sealed)

    def delete(self, purpose: str, record: str) -> None:
        """Forget a record."""
        self._path(purpose, record).unlink(missing_ok=True)


def private_write(path: Path, data: bytes) -> None:
    """Replace a file at once, readable by its owner alone. OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    fresh.replace(path)
