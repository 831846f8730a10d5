"""Signed exports of an audit log: fetched by a signed-in admin or auditor, verified by anybody, without a server."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sealpost.client.errors import FileUnreadable, FileUnwritable
from sealpost.client.session import Session
from sealpost.client.show import time_text
from sealpost.protocol.audit_file import LINE_MOST, Verified, file_verify

_PATH = "/api/v1/audit/export"


def moment_parse(text: str, *, end: bool = False) -> str:
    """A date or time of a person, in their own zone, as RFC 3339; the `end` of a day is the beginning of the next.

    ValueError for what is none.
    """
    found = datetime.fromisoformat(text)
    if end and len(text) == len("2026-11-25"):
        found += timedelta(days=1)
    return found.astimezone().isoformat()


def log_export(
    session: Session, path: Path, filters: dict[str, str], *, progress: Callable[[int], None] = lambda lines: None
) -> None:
    """Fetch an export into a new file of mode 0600, whole or not at all. `progress` gets a number of lines.

    ServerRefused, FileUnwritable. Whether the file holds is `log_verify`'s to say.
    """
    fresh = path.with_name(f"{path.name}.part")
    try:
        if path.exists():
            raise FileUnwritable(f"{path} is there already, and was left as it is. Choose another name.")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for lines in _pages(session, filters):
                file.write("".join(f"{line}\n" for line in lines).encode())
                progress(len(lines))
        fresh.rename(path)
    except OSError as error:
        raise FileUnwritable(f"{path} cannot be written ({error.strerror}). Nothing was saved.") from error
    finally:
        with suppress(OSError):
            fresh.unlink()


def _pages(session: Session, filters: dict[str, str]) -> Iterator[list[str]]:
    after: dict[str, str] = {}
    while True:
        query = urlencode(filters | after)
        page = session.call("GET", f"{_PATH}?{query}" if query else _PATH)
        yield page["lines"]
        if not page["next"]:
            return
        after = {"after": page["next"]}


def log_verify(path: Path, fingerprints: list[str]) -> Verified:
    """Verify a file, in little memory whatever its size. FileUnreadable, AuditRefused."""
    try:
        with path.open("rb") as file:
            return file_verify(iter(lambda: file.readline(LINE_MOST), b""), fingerprints=fingerprints)
    except OSError as error:
        raise FileUnreadable(f"{path} cannot be read ({error.strerror}). Nothing was verified.") from error


def verified_text(said: Verified, *, compared: bool) -> str:
    """What holds, in a sentence; and what the reader must still do, where no fingerprint was given."""
    if said.omitted:
        count = f"{said.events:,} of {said.events + said.omitted:,} events"
    else:
        count = f"{said.events:,} event{'' if said.events == 1 else 's'}"
    span = f" from {time_text(said.first_at)} to {time_text(said.last_at)}" if said.events else ""
    left = ", the others accounted for by their hashes" if said.omitted else ""
    checkpoints = f"{said.checkpoints} checkpoint{'' if said.checkpoints == 1 else 's'}"
    keys = f"key{'' if len(said.keys) == 1 else 's'} {', '.join(sorted(said.keys))}"
    text = f"{count}{span}{left}, chain whole, {checkpoints} and the file signed by {keys}."
    if said.last_checkpoint < said.events + said.omitted:
        text += f" The events after number {said.last_checkpoint} stand under no checkpoint yet."
    return text if compared else f"{text} Compare the key with the one that the server's operator publishes."


def verified_members(said: Verified) -> dict[str, Any]:
    """The same for machines."""
    return {
        "tenant": str(said.tenant), "events": said.events, "omitted": said.omitted, "filtered": said.filtered,
        "first_at": said.first_at, "last_at": said.last_at, "checkpoints": said.checkpoints,
        "last_checkpoint": said.last_checkpoint, "keys": sorted(said.keys),
    }  # fmt: skip
