"""pdf.verify: what the signatures of a PDF say, and what they do not."""

import base64
import hashlib
from typing import Any

from django.conf import settings
from pydantic import Field

from exchange.sandbox import Limits
from exchange.steps.base import PDF, Step, StepContext, step


@step(
    "pdf.verify",
    title="Check the signatures of the PDFs",
    version=1,
    consumes={PDF},
    program="verify",
    unit="signatures",
    report_only=True,
    sample="signed.pdf",
    limits=Limits(seconds=120, memory_mb=1024),
)
class Verify(Step):
    """Says of each signature whether what it covers is unchanged, who signed, and who vouches for that.

    Also when it claims to be made, and what was added to the document since. The document stays as it is. Trusted are
    the roots that this server's operator has chosen, and your organisation's own certificates. Nothing is fetched from
    the network, so nobody is asked whether a certificate was revoked. What a signature means in law is not judged.
    """

    required: bool = Field(
        default=True, description="Refuse a PDF without a signature; otherwise the report says that it has none."
    )

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        own = context.signer.certificates() if context.signer else []
        return {
            "required": self.required,
            "roots": [base64.b64encode(root).decode() for root in settings.SEALPOST_TRUSTED_ROOTS],
            "own": [hashlib.sha256(certificate).hexdigest() for certificate in own],
        }
