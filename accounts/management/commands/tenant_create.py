from typing import Any

from django.core.management.base import CommandParser

from accounts.management.answer import OperatorCommand
from accounts.services import tenant_create


class Command(OperatorCommand):
    help = "Create an organisation and its first admin; the passphrase is printed once."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--admin", required=True, help="login of the first admin, an e-mail address")
        parser.add_argument("--admin-name", default="")

    def answer(self, **options: Any) -> dict[str, Any]:
        issued = tenant_create(name=options["name"], admin_login=options["admin"], admin_name=options["admin_name"])
        return {"tenant": str(issued.tenant.id), "login": issued.login, "passphrase": issued.passphrase}
