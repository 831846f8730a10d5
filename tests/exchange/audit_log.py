"""A log with everything in it that an export must carry, and what verifies one."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid4

from django_scopes import scope

from accounts.models import AuditEvent, Tenant, User
from accounts.peer import Peer
from accounts.services import checkpoint_make, event_record, user_issue
from sealpost.protocol.audit_file import Verified, file_verify
from tests.accounts.client import sign_in
from tests.accounts.conftest import organisation

OBJECT = UUID("5ea190c7-0000-4000-8000-000000000001")


@dataclass
class Log:
    """An organisation's log; `reader` is its auditor, `ana` and `ben` have written to it."""

    tenant: Tenant
    reader: Peer
    ana: User
    ben: User

    def write(self, times: int, *, actor: User | None = None, action: str = "test.done", **details) -> None:
        with scope(tenant=self.tenant):
            for number in range(times):
                subject = OBJECT if number % 3 == 0 else uuid4()
                event_record(
                    tenant_id=self.tenant.id,
                    actor=actor,
                    action=action,
                    subject=subject,
                    details={"n": number} | details,
                )

    def sign(self) -> None:
        with scope(tenant=self.tenant):
            assert checkpoint_make(tenant_id=self.tenant.id)

    def events(self):
        return AuditEvent.objects.filter(tenant=self.tenant).order_by("seq")


def log_make(name: str = "Aster Legal") -> Log:
    """Some twenty-five events of two people and an operator, three checkpoints among them, the last four unsigned."""
    tenant, domain = organisation(name), name.partition(" ")[0].lower()
    people = {
        short: user_issue(
            tenant=tenant, login=f"{short}@{domain}.example", name=short.title(), kind="machine", role=role
        )
        for short, role in (("ana", "admin"), ("ben", "member"), ("eva", "auditor"))
    }
    log = Log(
        tenant, sign_in(people["eva"].login, people["eva"].passphrase).peer(), people["ana"].user, people["ben"].user
    )
    log.write(3, actor=log.ana, action="delivery.opened")
    log.sign()
    log.write(5, actor=log.ben, user=str(log.ana.id))
    log.write(1, operator=3)
    log.sign()
    log.write(4, actor=log.ana, action="delivery.expired")
    log.sign()
    log.write(4, actor=log.ben)
    return log


def verified(lines: Iterable[str], **options) -> Verified:
    """What the stand-alone verifier says of lines."""
    return file_verify((f"{line}\n".encode() for line in lines), **options)
