"""What the commands have in common: options, a session, JSON."""

import functools
import json
from collections.abc import Callable
from typing import Any

import click

from sealpost.client.connect import session_again

passphrase_file = click.option(
    "--passphrase-file", metavar="FILE", help="read the passphrase from the first line of FILE"
)
as_json = click.option("--json", "as_json", is_flag=True, help="print JSON for machines")


def print_json(value: Any) -> None:
    """A value for machines."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False))


def with_session(work: Callable[..., None]) -> Callable[..., None]:
    """Give a command its session, asking for the passphrase where no keyring has the key."""

    @passphrase_file
    @functools.wraps(work)
    def command(*, passphrase_file: str | None, **options: Any) -> None:
        work(session_again(passphrase_file), **options)

    return command
