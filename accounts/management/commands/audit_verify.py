import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_scopes import scope

from accounts.management.answer import tenant_named
from accounts.models import Tenant
from accounts.selectors import tenants_all
from accounts.services import ChainReport, chain_verify, checkpoints_known
from sealpost.errors import SealpostError
from sealpost.protocol.audit import Checkpoint
from sealpost.protocol.audit_file import LINE_MOST, file_verify


class Command(BaseCommand):
    help = "Verify the audit log of an organisation, or of all: tells the first event that does not hold."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", nargs="?", help="id or name; without it every organisation is verified")
        parser.add_argument("--export", metavar="FILE", help="an export kept from earlier, which the log must continue")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["export"] and not options["tenant"]:
            raise CommandError("Name the organisation whose export this is.")
        try:
            named = [tenant_named(options["tenant"])] if options["tenant"] else tenants_all()
            kept = _kept(options["export"], named[0]) if options["export"] else []
        except SealpostError as error:
            raise CommandError(error.sentence) from error
        reports = {str(tenant.id): _report(tenant, kept) for tenant in named}
        if options["json"]:
            self.stdout.write(json.dumps({"tenants": [_members(*item) for item in reports.items()]}))
        else:
            for tenant_id, report in reports.items():
                if not report.finding:
                    counts = f"{report.events} events, {report.checkpoints} checkpoints"
                    self.stdout.write(f"{tenant_id}: {counts}, chain whole")
        broken = [f"{tenant_id}: {report.finding.sentence}" for tenant_id, report in reports.items() if report.finding]
        if broken:
            raise CommandError("\n".join(broken))


def _kept(path: str, tenant: Tenant) -> list[Checkpoint]:
    """The checkpoints of an export, once it holds by itself."""
    kept: list[Checkpoint] = []
    try:
        with Path(path).open("rb") as file:
            said = file_verify(iter(lambda: file.readline(LINE_MOST), b""), checkpoint=kept.append)
    except OSError as error:
        raise CommandError(f"{path} cannot be read ({error.strerror}).") from error
    if said.tenant != tenant.id:
        raise CommandError("This is an export of another organisation.")
    return kept


def _report(tenant: Tenant, kept: list[Checkpoint]) -> ChainReport:
    with scope(tenant=tenant):
        report = chain_verify(tenant_id=tenant.id)
        differs = None if report.finding else checkpoints_known(tenant_id=tenant.id, checkpoints=kept)
    return ChainReport(report.events, report.checkpoints, differs) if differs else report


def _members(tenant_id: str, report: ChainReport) -> dict[str, Any]:
    members = {"tenant": tenant_id, "events": report.events, "checkpoints": report.checkpoints, "chain": "whole"}
    if report.finding:
        found = report.finding
        members |= {"chain": "broken", "event": found.event, "code": found.code, "sentence": found.sentence}
    return members
