from typing import Any

from django.core.management.base import CommandParser

from accounts.management.answer import OperatorCommand, tenant_named
from accounts.services import connection_create


class Command(OperatorCommand):
    help = "Let two organisations send to each other."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("first", help="id or name")
        parser.add_argument("second", help="id or name")

    def answer(self, **options: Any) -> dict[str, Any]:
        connection = connection_create(first=tenant_named(options["first"]), second=tenant_named(options["second"]))
        return {"connection": str(connection.id), "state": connection.state}
