"""`sealpost request`: links by which outsiders deposit documents."""

import json
import re
from collections.abc import Callable
from typing import Any

import click

from sealpost.client import show
from sealpost.client.send import days_parse
from sealpost.client.session import Session

_SIZE = re.compile(r"([0-9]{1,12})\s*(B|KB|MB|GB)?\Z", re.IGNORECASE)
_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}


def size_parse(text: str) -> int:
    """`500MB` as bytes; click.BadParameter."""
    found = _SIZE.match(text)
    if not found:
        raise click.BadParameter(f"{text!r} is not a size like 500MB")
    return int(found[1]) * _UNITS[(found[2] or "").upper()]


def _print(value: dict[str, Any], as_json: bool, sentence: str) -> None:
    click.echo(json.dumps(value, indent=1, ensure_ascii=False) if as_json else sentence)


def _create(session: Session, *, title: str, as_json: bool, **given: Any) -> None:
    members = {
        "title": title,
        "note": given["note"],
        "mailbox": given["mailbox"],
        "expires_days": days_parse(given["expires"]),
        "deposits_most": given["deposits"],
        "files_most": given["files"],
        "bytes_most": size_parse(given["size"]),
    }
    made = session.call("POST", "/api/v1/requests", members)
    sentence = (
        f"Link:       {made['link']}\nPassphrase: {made['passphrase']}\n"
        "Pass them on by two different ways. The passphrase is not shown again."
    )
    _print(made, as_json, sentence)


def _list(session: Session, *, as_json: bool) -> None:
    found, path = [], "/api/v1/requests"
    while path:
        answer = session.call("GET", path)
        found += answer["requests"]
        path = answer["next"] and f"/api/v1/requests?before={answer['next'].replace('+', '%2B')}"
    if as_json:
        click.echo(json.dumps(found, indent=1, ensure_ascii=False))
        return
    rows = [_row(one) for one in found]
    show.table_print(["ID", "State", "Title", "Answered", "Until"], rows, empty="You have made no file request yet.")


def _row(request: dict[str, Any]) -> list[str]:
    answered = f"{request['deposits']} of {request['deposits_most']}"
    return [request["id"], request["state"], request["title"], answered, show.time_text(request["expires_at"])]


def commands(with_session: Callable[..., Any], as_json: Callable[..., Any]) -> click.Group:
    """The group, whose commands get their session by `with_session`."""

    @click.group("request")
    def group() -> None:
        """Links by which people outside send you documents."""

    @group.command()
    @click.option("--title", required=True, help="what you ask for; whoever has link and passphrase reads it")
    @click.option("--note", default="")
    @click.option("--mailbox", metavar="ID", help="a shared mailbox of yours; otherwise your own")
    @click.option("--expires", default="14d", metavar="DAYS", show_default=True)
    @click.option("--deposits", default=1, show_default=True, help="times that it may be answered")
    @click.option("--files", default=10, show_default=True, help="documents each time")
    @click.option("--size", default="1GB", show_default=True, help="of all documents of one time")
    @as_json
    @with_session
    def create(session: Session, **given: Any) -> None:
        """Make a link and its passphrase, which is shown once."""
        _create(session, **given)

    @group.command("list")
    @as_json
    @with_session
    def list_command(session: Session, as_json: bool) -> None:
        """Requests into your mailboxes."""
        _list(session, as_json=as_json)

    @group.command("show")
    @click.argument("request_id", metavar="ID")
    @with_session
    def show_command(session: Session, request_id: str) -> None:
        """One request and what was sent by it, as JSON."""
        click.echo(json.dumps(session.call("GET", f"/api/v1/requests/{request_id}"), indent=1, ensure_ascii=False))

    @group.command()
    @click.argument("request_id", metavar="ID")
    @as_json
    @with_session
    def close(session: Session, request_id: str, as_json: bool) -> None:
        """End a request: nobody can answer it any more."""
        _print(session.call("POST", f"/api/v1/requests/{request_id}/close", {}), as_json, "The request is closed.")

    @group.command()
    @click.argument("request_id", metavar="ID")
    @click.option("--expires", default="14d", metavar="DAYS", show_default=True, help="from now")
    @as_json
    @with_session
    def extend(session: Session, request_id: str, expires: str, as_json: bool) -> None:
        """Let a request be open so many days from now."""
        members = {"expires_days": days_parse(expires)}
        shown = session.call("POST", f"/api/v1/requests/{request_id}/extend", members)
        _print(shown, as_json, f"The request is open until {show.time_text(shown['expires_at'])}.")

    @group.command()
    @click.argument("request_id", metavar="ID")
    @click.argument("deposit_id", metavar="DEPOSIT")
    @as_json
    @with_session
    def retry(session: Session, request_id: str, deposit_id: str, as_json: bool) -> None:
        """Try again what was sent by a request and is held; `show` lists it."""
        path = f"/api/v1/requests/{request_id}/deposits/{deposit_id}/retry"
        _print(session.call("POST", path, {}), as_json, "It is tried again.")

    return group
