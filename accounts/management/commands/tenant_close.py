from typing import Any

from django.core.management.base import CommandParser

from accounts.management.answer import OperatorCommand, tenant_named
from accounts.services import tenant_close


class Command(OperatorCommand):
    help = "Close an organisation: for some days its people may fetch, then everything is destroyed."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="id or name")
        parser.add_argument("--days", type=int, default=30, help="export window")

    def answer(self, **options: Any) -> dict[str, Any]:
        tenant = tenant_close(tenant_id=tenant_named(options["tenant"]).id, days=options["days"], operator="command")
        return {"tenant": str(tenant.id), "state": tenant.state, "closes_at": f"{tenant.closes_at:%Y-%m-%d %H:%M} UTC"}
