from typing import Any

from django.core.management.base import CommandError, CommandParser
from django_scopes import scope

from accounts.management.answer import OperatorCommand, tenant_named
from accounts.services import events_verify


class Command(OperatorCommand):
    help = "Verify the chain of an organisation's audit log."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="id or name")

    def answer(self, **options: Any) -> dict[str, Any]:
        tenant = tenant_named(options["tenant"])
        with scope(tenant=tenant):
            broken = events_verify(tenant_id=tenant.id)
        if broken:
            raise CommandError(f"The chain is broken at event {broken}: it or one before it was altered or removed.")
        return {"tenant": str(tenant.id), "chain": "whole"}
