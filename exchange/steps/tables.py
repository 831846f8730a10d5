"""How the table steps read a table: what may be told of it, and which types they take."""

from typing import Any, Literal

from pydantic import Field

from exchange.steps.base import Step

CSV, TSV, LINES = "text/csv", "text/tab-separated-values", "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSM = "application/vnd.ms-excel.sheet.macroenabled.12"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
TABLES = {CSV, TSV, LINES, XLSX, XLSM, ODS}
_KINDS = {CSV: "text", TSV: "text", LINES: "lines", XLSX: "xlsx", XLSM: "xlsx", ODS: "ods"}


class TableStep(Step):
    """What a step that reads tables is told of them."""

    sheet: str = Field(
        default="",
        max_length=100,
        description="Name or number of the workbook's sheet; the first one where this is empty. CSV has none.",
    )
    encoding: Literal["detect", "utf-8", "utf-16", "windows-1252", "iso-8859-15"] = Field(
        default="detect",
        description="How a CSV file writes its characters. Detected: by its byte order mark, else UTF-8 where the "
        "whole file is that, else Windows-1252.",
    )
    delimiter: Literal["detect", "comma", "semicolon", "tab", "pipe"] = Field(
        default="detect", description="What stands between the cells of a CSV file."
    )
    decimal: Literal["point", "comma"] = Field(
        default="point", description="What stands before the decimals of a number in a CSV file: 1.5 or 1,5."
    )
    dates: Literal["iso", "day_first", "month_first"] = Field(
        default="iso",
        description="How a CSV file writes dates: 2026-12-31, or with the day first (31.12.2026, 31/12/2026), or with "
        "the month first (12/31/2026).",
    )

    def reading(self, media_type: str) -> dict[str, Any]:
        """What the program is told of how to read."""
        return {
            "kind": _KINDS[media_type],
            "sheet": self.sheet,
            "encoding": self.encoding,
            "delimiter": "tab" if media_type == TSV and self.delimiter == "detect" else self.delimiter,
            "decimal": self.decimal,
            "dates": self.dates,
        }
