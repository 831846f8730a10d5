import smtplib
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from accounts.mail import mail_sender
from accounts.management.answer import OperatorCommand
from accounts.notification_text import mail_text


class Command(OperatorCommand):
    help = "Send one mail to an address now, and say what the mail server answered."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address")
        parser.add_argument("--language", default="en")

    def answer(self, **options: Any) -> dict[str, Any]:
        subject, text = mail_text("test", {}, language=options["language"])
        sender = mail_sender(settings.SEALPOST_SMTP_URL, settings.SEALPOST_MAIL_FOLDER)
        try:
            sender.send(name=str(uuid4()), to=options["address"], subject=subject, text=text)
        except (OSError, smtplib.SMTPException) as error:
            raise CommandError(f"The mail server did not take the mail ({type(error).__name__}: {error}).") from None
        return {"to": options["address"], "by": "SMTP" if settings.SEALPOST_SMTP_URL else settings.SEALPOST_MAIL_FOLDER}
