"""Where the passphrase comes from: a file, the environment, or a prompt; never an argument, never a log."""

import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from sealpost.client.errors import (
    CodeMissing,
    FileUnreadable,
    NewPassphraseMissing,
    PassphraseMissing,
    SecurityKeyOnly,
)


def _somebody_to_ask() -> bool:
    """Whether there is a terminal that can be told not to show what is typed."""
    with suppress(OSError):
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        return True
    return sys.stdin.isatty()


def passphrase_ask(path: str | None, *, prompt: str = "Passphrase", new: bool = False) -> str:
    """The first line of the file, SEALPOST_PASSPHRASE (not for a new one), or what is typed. PassphraseMissing.

    Nothing is asked where no terminal could hide the answer: a passphrase is not echoed, and a script does not wait.
    """
    if path:
        try:
            return Path(path).read_text().partition("\n")[0].rstrip("\r")
        except OSError as error:
            raise FileUnreadable(f"The passphrase file cannot be read ({error.strerror}). Nothing was sent.") from error
    if not new and (kept := os.environ.get("SEALPOST_PASSPHRASE")):
        return kept
    missing = NewPassphraseMissing if new else PassphraseMissing
    if not _somebody_to_ask():
        raise missing
    try:
        return str(click.prompt(prompt, hide_input=True, confirmation_prompt=new, err=True))
    except click.Abort:
        raise missing from None


def code_ask(*, keys_only: bool = False) -> str:
    """A code of the second factor: SEALPOST_CODE, or what is typed. CodeMissing.

    `keys_only`: there is no app that shows one, so a recovery code is asked for. SecurityKeyOnly.
    """
    if given := os.environ.get("SEALPOST_CODE"):
        return given
    missing = SecurityKeyOnly if keys_only else CodeMissing
    if not _somebody_to_ask():
        raise missing
    try:
        return str(click.prompt("Recovery code" if keys_only else "Code of your second factor", err=True))
    except click.Abort:
        raise missing from None
