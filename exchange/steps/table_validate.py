"""table.validate: whether a table has the columns and values that it should."""

import json
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import re2
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from exchange.sandbox import Limits
from exchange.steps.base import StepContext, step
from exchange.steps.tables import TABLES, TableStep

_COLUMNS_BYTES = 48_000  # a pipe takes 64 KiB
_ORDERED = {"integer", "decimal", "date"}
_PATTERN_MEMORY = 1 << 20


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem, options.log_errors = _PATTERN_MEMORY, False
    return options


class Column(BaseModel):
    """What one column holds. An empty cell is asked for nothing but whether it may be empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=100, description="The column's name, as it stands in the first row.")
    type: Literal["text", "integer", "decimal", "date", "boolean", "email", "iban", "choice"] = Field(
        default="text", description="What its cells hold."
    )
    required: bool = Field(default=False, description="No cell of it may be empty.")
    unique: bool = Field(default=False, description="No value may stand in it twice.")
    pattern: str | None = Field(
        default=None,
        max_length=200,
        description="A regular expression (RE2) that the whole text of a cell matches, as [A-Z]{2}[0-9]{6}.",
    )
    least: str | None = Field(
        default=None, max_length=40, description="The least number, or the first date as 2026-12-31."
    )
    most: str | None = Field(default=None, max_length=40, description="The greatest number, or the last date.")
    values: tuple[str, ...] = Field(
        default=(), max_length=200, description="What a cell of a choice may say, to the letter."
    )

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re2.compile(pattern, _options())
            except re2.error:
                raise ValueError("must be a regular expression of RE2, which knows no look-around") from None
        return pattern

    @model_validator(mode="after")
    def _fits(self) -> "Column":
        if (self.type == "choice") != bool(self.values):
            raise ValueError("must have values where its type is choice, and only there")
        if self.least is None and self.most is None:
            return self
        if self.type not in _ORDERED:
            raise ValueError("must be of type integer, decimal or date to have a least or most")
        least, most = (self._bound(bound) for bound in (self.least, self.most))
        if least is not None and most is not None and least > most:
            raise ValueError("must have a least that is no more than its most")
        return self

    def _bound(self, bound: str | None) -> Any:
        if bound is None:
            return None
        try:
            value = date.fromisoformat(bound) if self.type == "date" else Decimal(bound)
        except (ValueError, ArithmeticError):
            raise ValueError("must have a least and most of its own type") from None
        if isinstance(value, Decimal) and not value.is_finite():
            raise ValueError("must have a least and most of its own type")
        return value


@step(
    "table.validate",
    title="Check tables against a list of columns",
    version=1,
    consumes=TABLES,
    program="table_validate",
    unit="rows",
    report_only=True,
    sample="table.csv",
    sample_parameters={"columns": [{"name": "Amount", "type": "decimal"}], "other_columns": True},
    limits=Limits(seconds=300, memory_mb=2048),
)
class Validate(TableStep):
    """The table stays as it is; the report says row by row what is wrong, the first thousand findings of it.

    The first row holds the names of the columns, whose order is free. An IBAN is checked by its check digits.
    """

    columns: tuple[Column, ...] = Field(min_length=1, max_length=200, description="The columns that the table has.")
    other_columns: bool = Field(default=False, description="The table may have columns that are not listed.")
    on_error: Literal["report", "refuse"] = Field(
        default="report", description="What follows where something is wrong: it is reported, or nothing is delivered."
    )

    @field_validator("columns")
    @classmethod
    def _sound(cls, columns: tuple[Column, ...]) -> tuple[Column, ...]:
        names = [column.name.strip().casefold() for column in columns]
        if len(set(names)) != len(names):
            raise ValueError("must name each column once")
        if len(json.dumps([column.model_dump() for column in columns])) > _COLUMNS_BYTES:
            raise ValueError("must be shorter: patterns and values of all columns have 48,000 characters at most")
        return columns

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return self.reading(media_type) | {
            "columns": [column.model_dump() for column in self.columns],
            "other_columns": self.other_columns,
            "refuse": self.on_error == "refuse",
        }
