"""pdf.sign: the organisation's signature, over all of a PDF."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from exchange.sandbox import Limits, SandboxError
from exchange.steps.base import PDF, Step, StepContext, step
from exchange.steps.signature_gap import GAP, signature_filled


def _one_line(text: str) -> str:
    if text and not (text.isprintable() and text.strip()):
        raise ValueError("must be one line of text")
    return text


Line = Annotated[str, AfterValidator(_one_line)]


@step(
    "pdf.sign",
    title="Sign the PDFs for the organisation",
    version=1,
    consumes={PDF},
    program="sign",
    unit="pages",
    sample="document.pdf",
    sample_parameters={"reason": "Self-test", "box": "bottom-right"},
    limits=Limits(seconds=120, memory_mb=1024),
)
class Sign(Step):
    """Signs for your organisation, not for a person, by a key that this server keeps (PAdES B-B, ECDSA P-256).

    Any later change of the document shows. The certificate is the organisation's own, so a reader says that it does
    not know who signed until whoever reads has been given the certificate and trusts it. The time is what this
    server's clock says; nobody else confirms it. Signatures that a PDF has already stay as they are; where one of them
    allows no more, the PDF is refused. A visible box makes PDF/A not PDF/A any more.
    """

    reason: Line = Field(default="", max_length=200, description="Why it is signed; kept in the signature.")
    location: Line = Field(default="", max_length=100, description="Where it is signed; kept in the signature.")
    box: Literal["none", "top-left", "top-right", "bottom-left", "bottom-right"] = Field(
        default="none", description="Corner of the page in which a box shows who signed; none leaves it invisible."
    )
    page: int = Field(default=1, ge=0, le=2000, description="Page on which the box is; 0 is the last.")
    field: str = Field(
        default="Signature",
        min_length=1,
        max_length=40,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 _-]*$",
        description="Name of the signature's field; a number is added where the PDF has one of that name.",
    )

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        name = context.signer.name if context.signer else ""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return self.model_dump() | {"name": name, "at": at, "digits": GAP - 2}

    def finish(self, untrusted_blocks: Iterable[bytes], context: StepContext) -> Iterator[bytes]:
        if context.signer is None:
            raise SandboxError("step_crashed")
        yield from signature_filled(untrusted_blocks, context.signer.sign)
