"""`sealpost audit`: export the log of one's organisation, verify an export."""

import sys
from pathlib import Path

import click
from rich.progress import Progress, TextColumn

from sealpost.client.audit import log_export, log_verify, moment_parse, verified_members, verified_text
from sealpost.client.options import as_json, print_json, with_session
from sealpost.client.session import Session
from sealpost.client.show import console
from sealpost.crypto.signing import fingerprint_normal
from sealpost.protocol.audit_file import Verified

_file = click.argument("file", metavar="FILE", type=click.Path(path_type=Path))


@click.group()
def audit() -> None:
    """The signed audit log of your organisation, for its admins and auditors."""


def _moment(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    try:
        return moment_parse(value, end=option.name == "until") if value else None
    except (ValueError, OverflowError):
        raise click.BadParameter("a date looks like 2026-11-25, a time like 2026-11-25T14:30.") from None


def _fingerprints(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> list[str]:
    try:
        return [fingerprint_normal(value) for value in values]
    except ValueError:
        raise click.BadParameter("a fingerprint has eight groups of four hexadecimal digits.") from None


def _say(said: Verified, *, compared: bool, as_json: bool) -> None:
    if as_json:
        print_json(verified_members(said))
    else:
        console.print(verified_text(said, compared=compared), markup=False, soft_wrap=True)


@audit.command()
@_file
@click.option("--from", "since", metavar="DATE", callback=_moment, help="from this date or time on")
@click.option("--to", "until", metavar="DATE", callback=_moment, help="up to the end of this date, or this time")
@click.option("--person", metavar="LOGIN", help="what this person did, and what was done about them")
@click.option("--event", metavar="EVENT", help="one kind of event, as delivery.opened, or delivery for all of them")
@click.option("--object", "about", metavar="ID", help="what happened to one thing")
@as_json
@with_session
def export(  # noqa: PLR0917 (click passes by name)
    session: Session, file: Path, since: str | None, until: str | None, person: str | None, event: str | None,
    about: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Save the log, or a part of it, as a signed FILE."""
    given = {"from": since, "to": until, "person": person, "event": event, "object": about}
    filters = {name: value for name, value in given.items() if value}
    visible = sys.stderr.isatty() and not as_json
    columns = TextColumn("Saving the audit log: {task.completed:,} lines")
    with Progress(columns, transient=True, disable=not visible) as bars:
        bar = bars.add_task("", total=None)
        log_export(session, file, filters, progress=lambda lines: bars.advance(bar, lines))
    if not as_json:
        click.echo(f"Saved {file}.")
    _say(log_verify(file, []), compared=False, as_json=as_json)


@audit.command()
@_file
@click.option(
    "--key", "keys", metavar="FINGERPRINT", multiple=True, callback=_fingerprints,
    help="the published fingerprint of the key that must have signed; may be given several times",
)  # fmt: skip
@as_json
def verify(file: Path, keys: list[str], as_json: bool) -> None:
    """Verify an export. No server and no sign-in is needed."""
    _say(log_verify(file, keys), compared=bool(keys), as_json=as_json)
