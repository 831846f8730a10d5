from typing import Any

from django.core.management.base import CommandParser

from accounts.management.answer import OperatorCommand, tenant_named
from accounts.models import User
from accounts.services import user_issue


class Command(OperatorCommand):
    help = "Create a user with an issued passphrase, or a partner system with a machine secret; printed once."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="id or name")
        parser.add_argument("login")
        parser.add_argument("--name", default="")
        parser.add_argument("--role", default=User.Role.MEMBER, choices=User.Role.values)
        parser.add_argument("--machine", action="store_true", help="a 256-bit secret instead of a passphrase")

    def answer(self, **options: Any) -> dict[str, Any]:
        issued = user_issue(
            tenant=tenant_named(options["tenant"]),
            login=options["login"],
            name=options["name"],
            role=options["role"],
            kind="machine" if options["machine"] else "person",
        )
        return {"tenant": str(issued.tenant.id), "login": issued.login, "passphrase": issued.passphrase}
