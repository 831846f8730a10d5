"""Tables that are text: CSV in whatever encoding and with whatever delimiter, and JSON lines."""

import codecs
import csv
import json
import math
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from protocol import Refused
from table_values import Cell

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
CELL_MOST = 131_072
LINE_MOST = 1 << 20
_BLOCK = 1 << 18
_SAMPLE, _SAMPLE_ROWS = 8192, 50
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_TOLD = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "windows-1252": "cp1252", "iso-8859-15": "iso8859-15"}

csv.field_size_limit(CELL_MOST)


def encoding_of(source: Path, told: str) -> str:
    """The codec to read with. Refused `not_text` where the file is in another encoding than was told, or no text."""
    with source.open("rb") as file:
        prefix = file.read(4)
    marked = next((codec for mark, codec in _MARKS if prefix.startswith(mark)), "")
    for codec in [marked or "utf-8", "cp1252"] if told == "detect" else [_TOLD[told]]:
        if _is(source, codec):
            return codec
    raise Refused("not_text")


def _is(source: Path, codec: str) -> bool:
    try:
        with source.open(encoding=codec, newline="") as file:
            while block := file.read(_BLOCK):
                if "\0" in block:
                    return False
    except UnicodeError:
        return False
    return True


def delimiter_of(sample: str) -> str:
    """The delimiter by which the first rows have the same number of cells, and the most of them.

    `csv.Sniffer` is not used: its expressions backtrack, and it takes letters for delimiters.
    """
    whole = sample.rpartition("\n")[0] or sample if len(sample) == _SAMPLE else sample
    best, most = ",", (0.0, 0)
    for delimiter in DELIMITERS.values():
        try:
            rows = list(islice(csv.reader(whole.splitlines(keepends=True), delimiter=delimiter), _SAMPLE_ROWS))
        except csv.Error:
            continue
        counts = Counter(len(row) for row in rows if row)
        if not counts:
            continue
        width, times = max(counts.items(), key=lambda found: (found[1], found[0]))
        if width > 1 and (times / sum(counts.values()), width) > most:
            best, most = delimiter, (times / sum(counts.values()), width)
    return best


def csv_rows(source: Path, *, encoding: str, delimiter: str) -> Iterator[tuple[int, list[Cell]]]:
    """Rows with their numbers, from 1. Refused `not_text`, `corrupt`."""
    codec = encoding_of(source, encoding)
    with source.open(encoding=codec, newline="") as file:
        chosen = delimiter_of(file.read(_SAMPLE)) if delimiter == "detect" else DELIMITERS[delimiter]
        file.seek(0)
        try:
            for number, row in enumerate(csv.reader(file, delimiter=chosen), 1):
                if row:
                    yield number, [*row]
        except csv.Error:
            raise Refused("corrupt") from None


def lines_rows(source: Path, *, columns_most: int) -> Iterator[tuple[int, list[Cell]]]:
    """The names of all members as row 0, then a row a line. Refused `not_text`, `corrupt`, `too_many_rows`."""
    names: dict[str, None] = {}
    for _, members in _objects(source):
        names |= dict.fromkeys(members)
        if len(names) > columns_most:
            raise Refused("too_many_rows")
    if names:
        yield 0, [*names]
    for number, members in _objects(source):
        yield number, [_cell(members.get(name)) for name in names]


def _objects(source: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with source.open("rb") as file:
        number = 0
        while line := file.readline(LINE_MOST):
            number += 1
            if len(line) == LINE_MOST and not line.endswith(b"\n"):
                raise Refused("corrupt")
            if line.strip(b" \t\r\n\xef\xbb\xbf"):
                yield number, _object(line)


def _object(untrusted_line: bytes) -> dict[str, Any]:
    try:
        text = untrusted_line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("not_text") from None
    try:
        members = json.loads(text, parse_constant=_no_constant)
        json.dumps(members, ensure_ascii=False).encode()  # half a surrogate pair cannot be written
    except (ValueError, RecursionError):
        raise Refused("corrupt") from None
    if not isinstance(members, dict):
        raise Refused("corrupt")
    return members


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _cell(value: Any) -> Cell:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float) and not math.isfinite(value):
        raise Refused("corrupt")
    return value
