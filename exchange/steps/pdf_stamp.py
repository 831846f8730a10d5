"""pdf.stamp: a text on every page."""

import re
from dataclasses import asdict
from typing import Any, Literal

from pydantic import Field, field_validator

from exchange.sandbox import Limits
from exchange.steps.base import PDF, Step, StepContext, step
from exchange.steps.letters import SAID, letters_writable, letters_written

_BRACED = re.compile(r"\{[^}]*\}?")
_PLACEHOLDERS = ("{recipient}", "{sender}", "{date}", "{message}")
# Shares of red, green and blue.
_COLOURS = {
    "grey": (0.35, 0.35, 0.35),
    "black": (0.0, 0.0, 0.0),
    "red": (0.75, 0.0, 0.0),
    "green": (0.0, 0.45, 0.1),
    "blue": (0.0, 0.2, 0.65),
}


@step(
    "pdf.stamp",
    title="Stamp every page of the PDFs",
    version=3,
    consumes={PDF},
    program="stamp",
    unit="pages",
    before=("pdf.sign", "pdf.protect"),
    sample="document.pdf",
    sample_parameters={"text": "Draft"},
    limits=Limits(seconds=120, memory_mb=1024),
)
class Stamp(Step):
    """The text may say {recipient}, {sender}, {date} and {message}, the first eight digits of the message's id.

    Where it names the recipient, each gets a copy of their own. It is written in Latin, Greek and Cyrillic letters of a
    font that goes into the PDF; Arabic, Hebrew, Indian, Chinese, Japanese, Korean and other scripts, and emoji, cannot
    be written. A long text is written smaller. A document that is signed or has a password is refused.
    """

    text: str = Field(min_length=1, max_length=200, description="One line.")
    opacity: float = Field(default=0.3, ge=0.05, le=1, description="From 0.05, hardly seen, to 1, full.")
    position: Literal["diagonal", "top", "bottom", "top-left", "top-right", "bottom-left", "bottom-right"] = Field(
        default="diagonal", description="Across the page, in the middle of an edge, or in a corner."
    )
    colour: Literal["grey", "black", "red", "green", "blue"] = Field(default="grey", description="Of the letters.")

    @field_validator("text")
    @classmethod
    def _writable(cls, text: str) -> str:
        if any(found not in _PLACEHOLDERS for found in _BRACED.findall(text)):
            raise ValueError("may use {recipient}, {sender}, {date} and {message} and no other braces")
        if not text.isprintable() or not text.strip():
            raise ValueError("must be one line of text")
        if not letters_writable(text):
            raise ValueError(SAID)
        return text

    def per_recipient(self) -> bool:
        return "{recipient}" in self.text

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        known = {f"{{{name}}}": value for name, value in asdict(context).items()}
        text = _BRACED.sub(lambda found: known[found[0]], self.text)
        return {
            "text": letters_written(text),
            "opacity": self.opacity,
            "position": self.position,
            "colour": _COLOURS[self.colour],
        }
