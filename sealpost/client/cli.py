"""The `sealpost` command. Exit codes: 0 done, 1 refused with one sentence on stderr, 2 usage."""

import functools
import os
import sys
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress, TaskID

from sealpost.client import lifecycle, show
from sealpost.client.command import (
    as_json_option,
    id_whole,
    listed,
    passphrase_file_option,
    print_json,
    with_session,
)
from sealpost.client.connect import session_again, signed_in, signed_out
from sealpost.client.download import DocumentDownload, safe_name
from sealpost.client.errors import MessageUnclear, ServerRefused
from sealpost.client.passphrase import passphrase_ask
from sealpost.client.send import days_parse, message_send, message_wait, progress_bars, step_parse
from sealpost.client.session import Session, password_change, sign_in
from sealpost.errors import SealpostError

# Why a message has no documents any more.
_GONE = {
    "erased_at": "This message was erased when the time for which it is kept was over. Ask for it to be sent again.",
    "recalled_at": "The sender has recalled this message, so its documents cannot be fetched any more.",
}
_archived = click.option("--archived", is_flag=True, help="what was archived instead")


def _advance(bars: Progress, bar: TaskID, done: int) -> None:
    bars.update(bar, completed=done)


@click.group()
@click.version_option(package_name="sealpost")
def cli() -> None:
    """Exchange documents, sealed all the way, with the people of your and of connected organisations."""


@cli.command()
@click.option("--server", required=True, metavar="URL")
@click.option("--login", required=True, metavar="LOGIN")
@passphrase_file_option
@click.option("--new-passphrase-file", metavar="FILE", help="where an issued passphrase must be changed: the new one")
def signin(server: str, login: str, passphrase_file: str | None, new_passphrase_file: str | None) -> None:
    """Sign in; an issued passphrase is changed here."""
    session = signed_in(server, login, passphrase_file, new_passphrase_file)
    click.echo(f"Signed in to {session.server.origin} as {session.login}.")


@cli.command()
@with_session
def signout(session: Session) -> None:
    """End the session, here and at the server."""
    signed_out(session)
    click.echo("Signed out.")


@cli.command()
@passphrase_file_option
@click.option("--new-passphrase-file", metavar="FILE")
def passwd(passphrase_file: str | None, new_passphrase_file: str | None) -> None:
    """Choose another password; every session ends and no document is touched."""
    session = session_again(passphrase_file)
    session, keys = sign_in(session.server, session.login, passphrase_ask(passphrase_file, prompt="Current password"))
    new = passphrase_ask(new_passphrase_file, prompt="New password", new=True)
    password_change(session, keys, new)
    click.echo("The password was changed. Sign in again with: sealpost signin")


@cli.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--to", multiple=True, metavar="LOGIN", help="a recipient; may be given several times")
@click.option("--to-self", is_flag=True, help="deliver the result to yourself too")
@click.option("--subject", required=True)
@click.option("--note", default="")
@click.option("--step", "steps", multiple=True, metavar="NAME:KEY=VALUE,…", help='for example pdf.stamp:text="Draft"')
@click.option("--expires", default="14d", metavar="DAYS", show_default=True)
@click.option("--no-wait", is_flag=True, help="do not wait for the server's checks")
@as_json_option
@with_session
def send(  # noqa: PLR0917 (click passes by name)
    session: Session,
    files: tuple[Path, ...],
    to: tuple[str, ...],
    to_self: bool,
    subject: str,
    note: str,
    steps: tuple[str, ...],
    expires: str,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Send documents with a message."""
    if not to and not to_self:
        raise click.UsageError("Name a recipient by --to, or give --to-self.")
    chosen, days = [step_parse(step) for step in steps], days_parse(expires)
    visible = sys.stderr.isatty() and not as_json
    sent = message_send(
        session, files, to=to, to_self=to_self, subject=subject, note=note, steps=chosen, days=days, visible=visible
    )
    if not no_wait:
        sent = message_wait(session, sent["id"], visible=visible)
    if as_json:
        print_json(sent)
    else:
        state = "delivered" if sent["state"] == "sent" else "on its way"
        click.echo(f"Message {sent['id']} is {state}: {', '.join(sent['recipients'])}.")


@cli.command()
@_archived
@as_json_option
@with_session
def inbox(session: Session, archived: bool, as_json: bool) -> None:
    """What was delivered to you."""
    messages = listed(session, "inbox", archived=archived)
    print_json(messages) if as_json else show.inbox_print(messages)


@cli.command()
@_archived
@as_json_option
@with_session
def outbox(session: Session, archived: bool, as_json: bool) -> None:
    """What you have sent, and how far it came."""
    messages = listed(session, "outbox", archived=archived)
    print_json(messages) if as_json else show.outbox_print(messages)


def _message(session: Session, given: str) -> dict[str, Any]:
    """A received message, or else a sent one, by its id or the beginning of it. MessageUnclear."""
    message_id = id_whole(session, given)
    try:
        return session.call("GET", f"/api/v1/inbox/{message_id}")
    except ServerRefused as error:
        if error.code != "not_found":
            raise
    return session.call("GET", f"/api/v1/outbox/{message_id}")


@cli.command("show")
@click.argument("message_id", metavar="ID")
@as_json_option
@with_session
def show_command(session: Session, message_id: str, as_json: bool) -> None:
    """One message in detail."""
    message = _message(session, message_id)
    print_json(message) if as_json else show.message_print(message)


@cli.command()
@click.argument("message_id", metavar="ID")
@click.option("--out", default=".", metavar="DIR", type=click.Path(path_type=Path), help="folder to save into")
@as_json_option
@with_session
def get(session: Session, message_id: str, out: Path, as_json: bool) -> None:
    """Save all documents of a message; what was interrupted goes on where it was."""
    message = _message(session, message_id)
    gone = next((words for mark, words in _GONE.items() if message.get(mark)), "")
    if gone:
        raise MessageUnclear(gone, code="content_gone")
    saved = []
    with progress_bars(visible=sys.stderr.isatty() and not as_json) as bars:
        for document in message["documents"]:
            bar = bars.add_task(safe_name(document["name"]), total=document["size"])
            advance = functools.partial(_advance, bars, bar)
            download = DocumentDownload(session, document, out, progress=advance)
            saved.append(str(download.run()))
    print_json(saved) if as_json else click.echo("\n".join(saved))


for _command in lifecycle.COMMANDS:
    cli.add_command(_command)


def main() -> None:
    """Run the command; a refusal is one sentence on stderr and exit code 1."""
    try:
        cli(standalone_mode=False)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted. What was already transferred is kept; run the same command again.", err=True)
        sys.stderr.flush()
        os._exit(130)  # connections that are stuck must not hold a person who wants out
    except SealpostError as error:
        click.echo(error.sentence, err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"The system refused ({error.strerror}). Nothing else was changed.", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
