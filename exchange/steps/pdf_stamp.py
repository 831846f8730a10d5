"""pdf.stamp: a text on every page."""

import re
from dataclasses import asdict
from typing import Any, Literal

from pydantic import Field, field_validator

from exchange.sandbox import Limits
from exchange.steps.base import PDF, Step, StepContext, step

_BRACED = re.compile(r"\{[^}]*\}?")
_PLACEHOLDERS = ("{recipient}", "{sender}", "{date}", "{message}")


@step(
    "pdf.stamp",
    title="Stamp every page of the PDFs",
    version=2,
    consumes={PDF},
    program="stamp",
    unit="pages",
    before=("pdf.sign",),
    sample="document.pdf",
    sample_parameters={"text": "Draft"},
    limits=Limits(seconds=120, memory_mb=1024),
)
class Stamp(Step):
    """The text may say {recipient}, {sender}, {date} and {message}, the first eight digits of the message's id.

    Where it names the recipient, each gets a copy of their own.
    """

    text: str = Field(min_length=1, max_length=200)
    opacity: float = Field(default=0.3, ge=0.05, le=1)
    position: Literal["diagonal", "top", "bottom"] = "diagonal"

    @field_validator("text")
    @classmethod
    def _writable(cls, text: str) -> str:
        if any(found not in _PLACEHOLDERS for found in _BRACED.findall(text)):
            raise ValueError("may use {recipient}, {sender}, {date} and {message} and no other braces")
        if not text.isprintable() or not text.strip():
            raise ValueError("must be one line of text")
        try:
            text.encode("cp1252")
        except UnicodeEncodeError:
            raise ValueError("can only be written in Latin letters so far") from None
        return text

    def per_recipient(self) -> bool:
        return "{recipient}" in self.text

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        known = {f"{{{name}}}": value for name, value in asdict(context).items()}
        text = _BRACED.sub(lambda found: known[found[0]], self.text)
        text = text.encode("cp1252", "replace").decode("cp1252")
        return {"text": text, "opacity": self.opacity, "position": self.position}
