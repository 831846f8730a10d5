import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError, CommandParser
from django.db import IntegrityError, transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.management.answer import OperatorCommand


class Command(OperatorCommand):
    help = "Create an operator of the admin pages with a second factor; password and TOTP address are printed once."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    @transaction.atomic
    def answer(self, **options: Any) -> dict[str, Any]:
        password = secrets.token_urlsafe(18)
        try:
            operator = get_user_model().objects.create_superuser(options["username"], password=password)
        except IntegrityError as error:
            raise CommandError("There is an operator of that name already; nothing was created.") from error
        device = TOTPDevice.objects.create(user=operator, name="first", confirmed=True)
        return {"username": options["username"], "password": password, "totp": device.config_url}
