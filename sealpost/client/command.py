"""What the parts of the command share: options, a session, and messages by the beginning of their ids."""

import functools
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import click

from sealpost.client.connect import session_again
from sealpost.client.errors import MessageUnclear
from sealpost.client.session import Session

passphrase_file_option = click.option(
    "--passphrase-file", metavar="FILE", help="read the passphrase from the first line of FILE"
)
as_json_option = click.option("--json", "as_json", is_flag=True, help="print JSON for machines")


def print_json(value: Any) -> None:
    """JSON for machines."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False))


def with_session(work: Callable[..., None]) -> Callable[..., None]:
    """Give a command its session, asking for the passphrase where no keyring has the key."""

    @passphrase_file_option
    @functools.wraps(work)
    def command(*, passphrase_file: str | None, **options: Any) -> None:
        work(session_again(passphrase_file), **options)

    return command


def listed(session: Session, box: str, *, archived: bool = False) -> list[dict[str, Any]]:
    """Every message of the inbox or outbox, or of what is archived there."""
    asked = "archived=1" if archived else "archived=0"
    found, path = [], f"/api/v1/{box}?{asked}"
    while True:
        answer = session.call("GET", path)
        found += answer["messages"]
        if not answer["next"]:
            return found
        path = f"/api/v1/{box}?{asked}&before={answer['next'].replace('+', '%2B')}"


def id_whole(session: Session, given: str, *, boxes: tuple[str, ...] = ("inbox", "outbox")) -> str:
    """The id that begins so, also of what is archived; MessageUnclear where none does or several do."""
    given = given.lower()
    with suppress(ValueError):
        return str(UUID(given))
    lists = [listed(session, box, archived=archived) for box in boxes for archived in (False, True)]
    ids = {str(message["id"]) for messages in lists for message in messages}
    found = [message_id for message_id in ids if given and message_id.startswith(given)]
    if len(found) != 1:
        several = f"{len(found)} messages begin" if found else "No message begins"
        raise MessageUnclear(f"{several} with {given!r}. Copy the id from the inbox or the outbox.")
    return found[0]
