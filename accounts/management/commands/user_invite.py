from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from accounts.management.answer import OperatorCommand, tenant_named
from accounts.models import User
from accounts.services import user_invite


class Command(OperatorCommand):
    help = "Invite a person by a link that serves once, for 14 days; it is printed once."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="id or name")
        parser.add_argument("login")
        parser.add_argument("--name", default="")
        parser.add_argument("--role", choices=User.Role.values, help="member, for somebody new, unless it is said")
        parser.add_argument("--origin", default=settings.SEALPOST_ADDRESS)

    def answer(self, **options: Any) -> dict[str, Any]:
        tenant = tenant_named(options["tenant"])
        fragment = user_invite(tenant=tenant, login=options["login"], name=options["name"], role=options["role"])
        return {"tenant": str(tenant.id), "login": options["login"], "link": f"{options['origin']}/enrol#{fragment}"}
