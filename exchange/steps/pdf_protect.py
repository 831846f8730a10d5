"""pdf.protect and pdf.unlock: passwords of PDFs."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from exchange.sandbox import Limits
from exchange.steps.base import PDF, Secret, Step, StepContext, step

_BYTES_MOST = 127  # ISO 32000-2, 7.6.4.3.3: what comes after is ignored


def _whole(password: str) -> str:
    if len(password.encode()) > _BYTES_MOST:
        raise ValueError(f"must have at most {_BYTES_MOST} bytes in UTF-8")
    return password


Password = Annotated[Secret, AfterValidator(_whole)]


@step(
    "pdf.protect",
    title="Protect the PDFs with a password",
    version=1,
    consumes={PDF},
    program="protect",
    unit="documents",
    before=("pdf.sign",),
    sample="document.pdf",
    sample_parameters={"password": "only a sample"},
    limits=Limits(seconds=120, memory_mb=1024),
)
class Protect(Step):
    """The PDF is encrypted with AES-256 and opens with the password alone; tell it on another way than the document.

    What may be done with an open document is a request that readers honour and that no encryption enforces: who has the
    password can get around it. Screen readers may always read. A document that is signed or has a password already is
    refused.
    """

    password: Annotated[Password, Field(min_length=8)] = Field(description="At least eight characters.")
    printing: bool = Field(default=True, description="The document may be printed.")
    copying: bool = Field(default=True, description="Text and pictures may be copied out of it.")
    filling: bool = Field(default=True, description="Forms may be filled in and comments added.")
    changing: bool = Field(default=False, description="Pages and text may be changed.")

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return self.model_dump()


@step(
    "pdf.unlock",
    title="Remove the password of the PDFs",
    version=1,
    consumes={PDF},
    program="unlock",
    unit="documents",
    before=("pdf.sign",),
    sample="protected.pdf",
    sample_parameters={"password": "only a sample"},
    limits=Limits(seconds=120, memory_mb=1024),
)
class Unlock(Step):
    """The PDF opens without a password afterwards, and what was not allowed with it is allowed.

    It takes the password that opens the document or the one of its owner. A document without a password is refused, and
    so is a signed one, which would lose its signature.
    """

    password: Password = Field(description="The password of the documents.")

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return {"password": self.password}
