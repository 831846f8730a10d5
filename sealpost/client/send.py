"""Sending from the command: checks first, then uploads, then the message, then the server's own checks."""

import json
import mimetypes
import re
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from sealpost.client.connect import records_of
from sealpost.client.errors import FileUnreadable, ServerUnreachable
from sealpost.client.session import Session
from sealpost.client.show import size_text
from sealpost.client.upload import FileUpload
from sealpost.errors import SealpostError

_POLL_SECONDS = 0.5
_PAIR = re.compile(r"""\s*([a-z_]+)=("(?:[^"\\]|\\.)*"|[^,]*)(?:,|\Z)""")
_DAYS = re.compile(r"([0-9]{1,4})d?\Z")


class TooLarge(SealpostError):
    code = "upload_too_large"
    status = 413


class NamedTwice(SealpostError):
    code = "file_named_twice"


class AgainstPolicy(SealpostError):
    code = "policy_refused"
    status = 403


class Unreachable(SealpostError):
    code = "recipient_unreachable"
    status = 422


class Held(SealpostError):
    code = "message_held"
    status = 409


def step_parse(text: str) -> dict[str, Any]:
    """`name:key=value,key="a, b"` or `name:{JSON}` as a step; click.BadParameter."""
    name, _, rest = text.partition(":")
    if rest.startswith("{"):
        return {"step": name, "parameters": _json_object(rest)}
    parameters: dict[str, Any] = {}
    at = 0
    while at < len(rest):
        found = _PAIR.match(rest, at)
        if not found or found.end() == at:
            raise click.BadParameter(f"{text!r} is not NAME:KEY=VALUE,…")
        value = found[2]
        if value.startswith('"'):
            value = value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        parameters[found[1]] = value
        at = found.end()
    return {"step": name, "parameters": parameters}


def _json_object(text: str) -> dict[str, Any]:
    try:
        parameters: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not JSON ({error})") from None
    return parameters


def days_parse(text: str) -> int:
    """`14d` or `14` as days; click.BadParameter."""
    found = _DAYS.match(text)
    if not found:
        raise click.BadParameter(f"{text!r} is not a number of days like 14d")
    return int(found[1])


def progress_bars(*, visible: bool) -> Progress:
    """Bars with size, speed and time left; nothing where no terminal watches."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        disable=not visible,
    )


def _policy_check(me: dict[str, Any], files: Sequence[Path], days: int | None) -> None:
    """What the organisation's policy refuses, as far as names and numbers tell it. AgainstPolicy."""
    most = me["limits"]["expires_days_max"]
    if days is not None and days > most:
        raise AgainstPolicy(
            f"A message may be available for {most} days at most by your organisation's policy. Nothing was sent; "
            "one of its admins can change it."
        )
    endings = me.get("policy", {}).get("endings_refused", ())
    if refused := next((path for path in files if path.suffix.lower() in endings), None):
        raise AgainstPolicy(
            f"{refused.name} is of a kind that your organisation's policy refuses. Nothing was sent; one of its "
            "admins can change it."
        )


def _check(session: Session, files: Sequence[Path], to: Sequence[str], *, days: int | None) -> dict[str, Any]:
    """Everything that can be told before the first byte is sent; returns the server's limits."""
    me = session.call("GET", "/api/v1/me")
    limits: dict[str, Any] = me["limits"]
    if twice := [path for position, path in enumerate(files) if path.resolve() in map(Path.resolve, files[:position])]:
        raise NamedTwice(f"{twice[0]} is named twice. Nothing was sent; name each document once.")
    _policy_check(me, files, days)
    for path in files:
        try:
            size = path.stat().st_size
        except OSError as error:
            raise FileUnreadable(f"{path.name} cannot be read ({error.strerror}). Nothing was sent.") from error
        if size > limits["upload_max"]:
            raise TooLarge(
                f"{path.name} has {size_text(size)}; this server takes {size_text(limits['upload_max'])} a document. "
                "Nothing was sent."
            )
    if len(files) > limits["files_max"]:
        raise TooLarge(f"A message takes {limits['files_max']} documents. Nothing was sent.", code="too_many_files")
    found = session.call("POST", "/api/v1/recipients", {"logins": list(to)})["recipients"] if to else []
    if lost := [person["login"] for person in found if not person["reachable"]]:
        raise Unreachable(
            f"{', '.join(lost)} cannot be reached: in no organisation, or in one that yours is not connected to. "
            "Nothing was sent; check the address or ask your admin to connect the organisations."
        )
    return limits


def message_send(
    session: Session,
    files: Sequence[Path],
    *,
    to: Sequence[str],
    to_self: bool,
    members: dict[str, Any],
    visible: bool,
) -> dict[str, Any]:
    """Check, upload and send; the outbox detail. Interrupted uploads go on where they were.

    `members` are those of docs/protocol.md section 11 that need no work here; None leaves one out.
    """
    _check(session, files, to, days=members.get("expires_days"))
    uploads = []
    with progress_bars(visible=visible) as bars:
        total = bars.add_task("Total", total=sum(path.stat().st_size for path in files)) if len(files) > 1 else None
        for path in files:
            uploads.append(_upload(session, path, bars, total))
    members = {name: value for name, value in members.items() if value is not None} | {
        "key": str(uuid.uuid4()),
        "recipients": list(to),
        "to_self": to_self,
        "uploads": [upload_id for _, upload_id in uploads],
    }
    sent = _sent(session, members)
    for upload, _ in uploads:
        upload.forget()
    return sent


def _sent(session: Session, members: dict[str, Any]) -> dict[str, Any]:
    """Send; where the answer was lost, ask again by the same key, which makes one message of them."""
    for pause in (1, 2, 4):
        try:
            return session.call("POST", "/api/v1/messages", members)
        except ServerUnreachable:
            time.sleep(pause)
    return session.call("POST", "/api/v1/messages", members)


def _upload(session: Session, path: Path, bars: Progress, total: Any) -> tuple[FileUpload, str]:
    bar = bars.add_task(path.name, total=path.stat().st_size)

    def moved(count: int) -> None:
        bars.advance(bar, count)
        if total is not None:
            bars.advance(total, count)

    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    upload = FileUpload(session, path, media_type=media_type, records=records_of(session), progress=moved)
    return upload, upload.run()


def message_wait(session: Session, message_id: str, *, visible: bool) -> dict[str, Any]:
    """Wait until the server has checked, processed and delivered; the outbox detail. Held where it did not."""
    return job_wait(session, f"/api/v1/outbox/{message_id}", visible=visible)


def job_wait(session: Session, address: str, *, visible: bool) -> dict[str, Any]:
    """Wait for the job of what lies at this address, and return it. Held with the reason where it did not succeed."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, disable=not visible) as bars:
        bar = bars.add_task("Checking", total=None)
        while True:
            message = session.call("GET", address)
            job = message["job"]
            words = {"receive": "Checking", "deliver": "Delivering", "": "Waiting"}
            bars.update(
                bar, description=words.get(job["step"], job["step"]), completed=job["position"], total=job["of"] or None
            )
            if job["state"] not in {"queued", "running"}:
                break
            time.sleep(_POLL_SECONDS)
    if job["state"] != "done":
        raise Held(
            job["detail"] or "The message was cancelled; nothing was delivered.", code=job["code"] or "cancelled"
        )
    return message
