"""Commands for messages that were sent: recall, extend, remind, archive."""

from typing import Any

import click

from sealpost.client.boxes import id_whole
from sealpost.client.errors import ServerRefused
from sealpost.client.options import as_json as as_json_option
from sealpost.client.options import print_json, with_session
from sealpost.client.send import days_parse
from sealpost.client.session import Session
from sealpost.client.show import time_text

_id = click.argument("message_id", metavar="ID")


def _changed(session: Session, given: str, action: str, members: dict[str, Any]) -> dict[str, Any]:
    message_id = id_whole(session, given, boxes=("outbox",))
    answer: dict[str, Any] = session.call("POST", f"/api/v1/outbox/{message_id}/{action}", members)
    return answer


@click.command()
@_id
@click.option("--to", multiple=True, metavar="LOGIN", help="from this recipient alone; may be given several times")
@as_json_option
@with_session
def recall(session: Session, message_id: str, to: tuple[str, ...], as_json: bool) -> None:
    """Take a message back from everybody, or from some. What was saved before stays with whoever saved it."""
    shown = _changed(session, message_id, "recall", {"logins": list(to)} if to else {})
    gone = [row["login"] for row in shown["deliveries"] if row["state"] == "recalled"]
    print_json(shown) if as_json else click.echo(f"Message {shown['id']} is recalled from: {', '.join(gone)}.")


@click.command()
@_id
@click.argument("days", metavar="DAYS")
@as_json_option
@with_session
def extend(session: Session, message_id: str, days: str, as_json: bool) -> None:
    """Make a message available for DAYS from now, also one that has expired."""
    shown = _changed(session, message_id, "extend", {"expires_days": days_parse(days)})
    until = time_text(shown["expires_at"])
    print_json(shown) if as_json else click.echo(f"Message {shown['id']} is available until {until}.")


@click.command()
@_id
@as_json_option
@with_session
def remind(session: Session, message_id: str, as_json: bool) -> None:
    """Write to everybody who has not opened a message, at most once in 24 hours."""
    shown = _changed(session, message_id, "remind", {})
    unread = sum(row["state"] in {"delivered", "invited"} for row in shown["deliveries"])
    people = "1 recipient has" if unread == 1 else f"{unread} recipients have"
    print_json(shown) if as_json else click.echo(f"Reminded: {people} not opened message {shown['id']} yet.")


@click.command()
@_id
@click.option("--undo", is_flag=True, help="bring it back to the list")
@with_session
def archive(session: Session, message_id: str, undo: bool) -> None:
    """Take a message out of the inbox or the outbox; nobody else notices."""
    whole, action = id_whole(session, message_id), "unarchive" if undo else "archive"
    try:
        session.call("POST", f"/api/v1/inbox/{whole}/{action}", {})
    except ServerRefused as error:
        if error.code not in {"not_found"}:
            raise
        session.call("POST", f"/api/v1/outbox/{whole}/{action}", {})
    click.echo(f"Message {whole} is {'back in the list' if undo else 'archived'}.")


COMMANDS = (recall, extend, remind, archive)
