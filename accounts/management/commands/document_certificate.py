import hashlib
import ssl
from typing import Any

from django.core.management.base import CommandParser

from accounts.management.answer import OperatorCommand, tenant_named
from accounts.sealed import tenant_owner
from vault.services import DocumentSigner


class Command(OperatorCommand):
    help = "Show the certificate by which an organisation signs PDFs, to be given to those who are to trust it."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="id or name")

    def answer(self, **options: Any) -> dict[str, Any]:
        tenant = tenant_named(options["tenant"])
        certificate = DocumentSigner(owner=tenant_owner(tenant.id), name=tenant.name).certificate()
        fingerprint = hashlib.sha256(certificate).hexdigest()
        return {
            "tenant": str(tenant.id),
            "certificate": ssl.DER_cert_to_PEM_cert(certificate),
            "fingerprint": ":".join(fingerprint[at : at + 2] for at in range(0, 64, 2)),
        }
