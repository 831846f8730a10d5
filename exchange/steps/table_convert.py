"""table.convert: CSV, XLSX, ODS and JSON lines into CSV, XLSX or JSON lines."""

from typing import Any, Literal

from pydantic import Field

from exchange.sandbox import Limits
from exchange.steps.base import Product, StepContext, step
from exchange.steps.tables import CSV, LINES, TABLES, XLSX, TableStep

_PRODUCTS = {"csv": Product(CSV, ".csv"), "xlsx": Product(XLSX, ".xlsx"), "jsonl": Product(LINES, ".jsonl")}


@step(
    "table.convert",
    title="Convert tables",
    version=1,
    consumes=TABLES,
    program="table_convert",
    unit="rows",
    sample="table.csv",
    sample_parameters={"to": "xlsx"},
    limits=Limits(seconds=300, memory_mb=2048),
)
class Convert(TableStep):
    """Of a workbook one sheet is taken: values as they were last computed, never formulas, macros or formats.

    Numbers and dates of a CSV file become such; what begins with a zero, has more than 15 digits or is a long number
    behind a plus stays text. Text that a spreadsheet would run as a formula is written as text; in CSV an apostrophe
    stands before it. For JSON lines the first row names the members. CSV is written in UTF-8.
    """

    to: Literal["csv", "xlsx", "jsonl"] = Field(
        description="What the tables become: CSV, an Excel workbook, JSON lines."
    )
    written: Literal["comma", "semicolon", "tab"] = Field(
        default="comma", description="What stands between the cells of the CSV that is written."
    )

    def product(self, media_type: str) -> Product:
        return _PRODUCTS[self.to]

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return self.reading(media_type) | {"to": self.to, "written": self.written}
