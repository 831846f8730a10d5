"""What operator commands have in common: --json, and a refusal as one sentence."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.errors import TenantAmbiguous, TenantUnknown
from accounts.models import Tenant
from accounts.selectors import tenants_find
from sealpost.errors import SealpostError


class OperatorCommand(BaseCommand):
    """Subclasses give `arguments(parser)` and `answer(**options) -> dict`."""

    def add_arguments(self, parser: CommandParser) -> None:
        self.arguments(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            members = self.answer(**options)
        except SealpostError as error:
            raise CommandError(error.sentence) from error
        if options["json"]:
            self.stdout.write(json.dumps(members))
        else:
            for name, value in members.items():
                self.stdout.write(f"{name}: {value}")

    def arguments(self, parser: CommandParser) -> None:
        """Add the command's own arguments."""

    def answer(self, **options: Any) -> dict[str, Any]:
        """Do it and say what came of it."""
        raise TypeError(f"{type(self).__name__} gives no answer")


def tenant_named(name_or_id: str) -> Tenant:
    """The one organisation of this id or name; TenantUnknown, TenantAmbiguous."""
    found = tenants_find(name_or_id)
    if not found:
        raise TenantUnknown
    if len(found) > 1:
        raise TenantAmbiguous
    return found[0]
