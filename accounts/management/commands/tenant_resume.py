from typing import Any

from django.core.management.base import CommandParser

from accounts.management.answer import OperatorCommand, tenant_named
from accounts.services import tenant_resume


class Command(OperatorCommand):
    help = "End a suspension, or a closing whose window has not passed."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="id or name")

    def answer(self, **options: Any) -> dict[str, Any]:
        tenant = tenant_resume(tenant_id=tenant_named(options["tenant"]).id, operator="command")
        return {"tenant": str(tenant.id), "state": tenant.state}
