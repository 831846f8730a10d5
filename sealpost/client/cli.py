"""The `sealpost` command. Exit codes: 0 done, 1 refused with one sentence on stderr, 2 usage."""

import os
import sys
from pathlib import Path

import click

from sealpost.client import jobs, lifecycle, requests, show
from sealpost.client.audit_commands import audit
from sealpost.client.boxes import mailbox_find, mailboxes_listed, message_find, messages_listed
from sealpost.client.connect import session_again, signed_in, signed_out
from sealpost.client.fetch import documents_fetch
from sealpost.client.open import container_open
from sealpost.client.options import as_json as _as_json
from sealpost.client.options import passphrase_file as _passphrase_file
from sealpost.client.options import print_json as _print_json
from sealpost.client.options import with_session as _with_session
from sealpost.client.passphrase import passphrase_ask
from sealpost.client.send import days_parse, message_send, message_wait
from sealpost.client.session import Session, password_change, sign_in
from sealpost.errors import SealpostError

_archived = click.option("--archived", is_flag=True, help="what was archived instead")


@click.group()
@click.version_option(package_name="sealpost")
def cli() -> None:
    """Exchange documents, sealed all the way, with the people of your and of connected organisations."""


cli.add_command(audit)


@cli.command()
@click.option("--server", required=True, metavar="URL")
@click.option("--login", required=True, metavar="LOGIN")
@_passphrase_file
@click.option("--new-passphrase-file", metavar="FILE", help="where an issued passphrase must be changed: the new one")
def signin(server: str, login: str, passphrase_file: str | None, new_passphrase_file: str | None) -> None:
    """Sign in; an issued passphrase is changed here."""
    session = signed_in(server, login, passphrase_file, new_passphrase_file)
    click.echo(f"Signed in to {session.server.origin} as {session.login}.")


@cli.command()
@_with_session
def signout(session: Session) -> None:
    """End the session, here and at the server."""
    signed_out(session)
    click.echo("Signed out.")


@cli.command()
@_passphrase_file
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
@jobs.step_option
@jobs.pipeline_option
@jobs.failure_option
@click.option("--expires", metavar="DAYS", help="like 7d; without it your organisation's default")
@click.option("--downloads", type=click.IntRange(1), metavar="COUNT", help="most downloads by each recipient")
@click.option("--no-wait", is_flag=True, help="do not wait for the server's checks")
@_as_json
@_with_session
def send(  # noqa: PLR0917 (click passes by name)
    session: Session,
    files: tuple[Path, ...],
    to: tuple[str, ...],
    to_self: bool,
    subject: str,
    note: str,
    steps: tuple[str, ...],
    pipeline: str | None,
    on_failure: str,
    expires: str | None,
    downloads: int | None,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Send documents with a message."""
    if not to and not to_self:
        raise click.UsageError("Name a recipient by --to, or give --to-self.")
    chosen, days = jobs.steps_given(steps, on_failure), days_parse(expires) if expires else None
    visible = sys.stderr.isatty() and not as_json
    given = {"subject": subject, "note": note, "steps": chosen, "expires_days": days, "downloads_most": downloads}
    given["pipeline"] = jobs.pipeline_id(session, pipeline)
    sent = message_send(session, files, to=to, to_self=to_self, members=given, visible=visible)
    if not no_wait:
        sent = message_wait(session, sent["id"], visible=visible)
    if as_json:
        _print_json(sent)
    else:
        state = "delivered" if sent["state"] == "sent" else "on its way"
        click.echo(f"Message {sent['id']} is {state}: {', '.join(sent['recipients'])}.")


@cli.command()
@_archived
@click.option("--mailbox", metavar="ADDRESS", help="a shared mailbox that you read, instead of your own")
@_as_json
@_with_session
def inbox(session: Session, archived: bool, mailbox: str | None, as_json: bool) -> None:
    """What was delivered to you, or to a mailbox that you share."""
    box = mailbox_find(session, mailbox) if mailbox else None
    messages = messages_listed(session, "inbox", box, archived=archived)
    empty = "Nothing has been delivered there yet." if mailbox else "Nothing has been delivered to you yet."
    _print_json(messages) if as_json else show.inbox_print(messages, empty=empty)


@cli.command()
@_as_json
@_with_session
def mailboxes(session: Session, as_json: bool) -> None:
    """The mailboxes that you read, and how much in them is unread."""
    found = mailboxes_listed(session)
    _print_json(found) if as_json else show.mailboxes_print(found)


@cli.command()
@_archived
@_as_json
@_with_session
def outbox(session: Session, archived: bool, as_json: bool) -> None:
    """What you have sent, and how far it came."""
    messages = messages_listed(session, "outbox", archived=archived)
    _print_json(messages) if as_json else show.outbox_print(messages)


@cli.command("show")
@click.argument("message_id", metavar="ID")
@_as_json
@_with_session
def show_command(session: Session, message_id: str, as_json: bool) -> None:
    """One message in detail."""
    message = message_find(session, message_id)
    _print_json(message) if as_json else show.message_print(message)


@cli.command()
@click.argument("message_id", metavar="ID")
@click.option("--out", default=".", metavar="DIR", type=click.Path(path_type=Path), help="folder to save into")
@_as_json
@_with_session
def get(session: Session, message_id: str, out: Path, as_json: bool) -> None:
    """Save all documents of a message; what was interrupted goes on where it was."""
    visible = sys.stderr.isatty() and not as_json
    saved = [str(path) for path in documents_fetch(session, message_id, out, visible=visible)]
    _print_json(saved) if as_json else click.echo("\n".join(saved))


for _command in (*lifecycle.COMMANDS, *jobs.COMMANDS):
    cli.add_command(_command)


@cli.command("open")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", default=".", metavar="DIR", type=click.Path(path_type=Path), help="folder to write into")
@_passphrase_file
def open_command(file: Path, out: Path, passphrase_file: str | None) -> None:
    """Open a .sealed file with the passphrase of the time when it was saved; no server is needed."""
    click.echo(container_open(file, out, passphrase_file=passphrase_file))


cli.add_command(requests.commands(_with_session, _as_json))


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
