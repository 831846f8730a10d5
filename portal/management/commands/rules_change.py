import json
from typing import Any

from django.core.management.base import CommandParser

from accounts.errors import RulesInvalid
from accounts.management.answer import OperatorCommand, tenant_named
from accounts.models import RulesKind
from accounts.rules import platform_members, quotas_of
from accounts.selectors import rules_set
from accounts.services import quotas_change
from exchange.services import platform_rules_change


class Command(OperatorCommand):
    help = "Set the server's defaults for policies or quotas, or one organisation's quotas; without a change, say them."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=RulesKind.values)
        parser.add_argument("changes", nargs="*", metavar="MEMBER=VALUE", help="a value is JSON where it is not a word")
        parser.add_argument("--reset", action="append", default=[], metavar="MEMBER", help="follow the default again")
        parser.add_argument("--tenant", help="id or name: the quotas of one organisation")

    def answer(self, **options: Any) -> dict[str, Any]:
        kind, tenant = RulesKind(options["kind"]), tenant_named(options["tenant"]) if options["tenant"] else None
        if tenant and kind != RulesKind.QUOTAS:
            raise RulesInvalid("An organisation's policy is its admins' to set. Nothing was changed.", field="tenant")
        version, members = rules_set(kind, tenant_id=tenant.id if tenant else None)
        members |= dict(map(_parsed, options["changes"]))
        members = {name: value for name, value in members.items() if name not in options["reset"]}
        given: dict[str, Any] = {"members": members, "operator": "command", "expected_version": version}
        if options["changes"] or options["reset"]:
            version = quotas_change(tenant=tenant, **given) if tenant else platform_rules_change(kind=kind, **given)
        holds = quotas_of(tenant.id).model_dump(mode="json") if tenant else platform_members(kind)
        return {"version": version} | holds


def _parsed(change: str) -> tuple[str, Any]:
    """`name=value`; a value that is no JSON is a word."""
    name, _, value = change.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
