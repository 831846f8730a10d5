"""How a mail leaves: by SMTP where one is configured, otherwise as a file that an operator can read."""

import os
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.utils import timezone

_SECONDS = 20


class MailRefused(Exception):
    """The mail server does not take this mail, and will not later either."""


class MailSender(Protocol):
    """Takes one mail. `name` is the same whenever the same mail is sent again."""

    def send(self, *, name: str, to: str, subject: str, text: str) -> None:
        """OSError or SMTPException where it may be tried again, MailRefused where not."""
        ...


def _message(*, name: str, to: str, subject: str, text: str) -> EmailMessage:
    domain = settings.SEALPOST_MAIL_FROM.rpartition("@")[2].rstrip(">")
    headers = {
        "Message-ID": f"<{name}@{domain}>",  # stable, so that receivers know a repetition
        "Date": format_datetime(timezone.now()),
        "Auto-Submitted": "auto-generated",
    }
    return EmailMessage(subject, text, settings.SEALPOST_MAIL_FROM, [to], headers=headers)


class SmtpSender:
    """An SMTP server, as `smtp://user:password@host:port` (STARTTLS where there is a user) or `smtps://…`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        implicit = parts.scheme == "smtps"
        self._options = {
            "host": parts.hostname,
            "port": parts.port or (465 if implicit else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": implicit,
            "use_tls": bool(parts.username) and not implicit,
            "timeout": _SECONDS,
        }

    def send(self, *, name: str, to: str, subject: str, text: str) -> None:
        """See MailSender."""
        message = _message(name=name, to=to, subject=subject, text=text)
        EmailBackend(**self._options, fail_silently=False).send_messages([message])


class FileSender:
    """A folder of `.eml` files, each written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, *, name: str, to: str, subject: str, text: str) -> None:
        """See MailSender."""
        message = _message(name=name, to=to, subject=subject, text=text).message().as_bytes()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._folder / f".{name}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message)
        draft.replace(self._folder / f"{name}.eml")


@cache
def mail_sender(url: str, folder: Path) -> MailSender:
    """The sender of this configuration."""
    return SmtpSender(url) if url else FileSender(folder)
