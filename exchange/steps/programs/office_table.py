"""A CSV file as a spreadsheet whose cells hold what is written, and no formula."""

import codecs
import csv
import itertools
import re
from pathlib import Path
from xml.sax.saxutils import escape

from protocol import Refused

_SAMPLE = 1 << 16
_DELIMITERS = ",;\t|"
_ROWS_MOST, _COLUMNS_MOST, _CELLS_MOST = 100_000, 500, 1_000_000
_CHARACTERS_LEAST, _CHARACTERS_MOST = 6, 40  # a column's width; longer cells are wrapped
_CENTIMETRES = 0.2  # a character's
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMES = ("office:1.0", "table:1.0", "text:1.0", "style:1.0", "xsl-fo-compatible:1.0")
_NAMESPACES = " ".join(
    f'xmlns:{"fo" if name.startswith("xsl") else name.partition(":")[0]}="urn:oasis:names:tc:opendocument:xmlns:{name}"'
    for name in _NAMES
)
# As wide as the page, whose margins stay empty.
_SHEET = (
    '<style:style style:name="sheet" style:family="table" style:master-page-name="Plain"/>'
    '<style:page-layout style:name="page"><style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm" '
    'fo:margin="2cm" style:scale-to-X="1" style:scale-to-Y="0"/></style:page-layout></office:automatic-styles>'
    '<office:master-styles><style:master-page style:name="Plain" style:page-layout-name="page"><style:header '
    'style:display="false"/><style:footer style:display="false"/></style:master-page></office:master-styles>'
)


def text_decoded(untrusted: bytes) -> str:
    """Text by its byte order mark, as UTF-8, or else as Windows writes Latin letters. Refused `corrupt` for no text."""
    if untrusted.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = untrusted.decode("utf-16", "replace")
    else:
        try:
            text = untrusted.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = untrusted.decode("cp1252", "replace")
    if "\0" in text:
        raise Refused("corrupt")
    return text


def table_write(untrusted: bytes, target: Path) -> None:
    """Write the spreadsheet, a flat OpenDocument file. Refused."""
    rows = _rows(text_decoded(untrusted))
    widths = [max(map(len, column)) for column in itertools.zip_longest(*rows, fillvalue="")]
    with target.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        file.write(f'<office:document {_NAMESPACES} office:mimetype="application/vnd.oasis.opendocument.spreadsheet" ')
        file.write('office:version="1.3"><office:automatic-styles>')
        for number, width in enumerate(widths):
            shown = min(max(width, _CHARACTERS_LEAST), _CHARACTERS_MOST) * _CENTIMETRES + 0.3
            file.write(
                f'<style:style style:name="c{number}" style:family="table-column"><style:table-column-properties '
            )
            file.write(f'style:column-width="{shown:.1f}cm"/></style:style>')
        file.write('<style:style style:name="cell" style:family="table-cell"><style:table-cell-properties ')
        file.write('fo:wrap-option="wrap"/></style:style>')
        file.write(_SHEET)
        file.write('<office:body><office:spreadsheet><table:table table:name="Table" table:style-name="sheet">')
        file.writelines(f'<table:table-column table:style-name="c{number}"/>' for number in range(len(widths)))
        for row in rows:
            file.write(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>")
        file.write("</table:table></office:spreadsheet></office:body></office:document>")


def _rows(text: str) -> list[list[str]]:
    try:
        delimiter = csv.Sniffer().sniff(text[:_SAMPLE], _DELIMITERS).delimiter
    except csv.Error:
        delimiter = ","
    rows, cells = [], 0
    try:
        for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter):
            rows.append(row)
            cells += len(row)
            if len(rows) > _ROWS_MOST or len(row) > _COLUMNS_MOST or cells > _CELLS_MOST:
                raise Refused("too_many_rows")
    except csv.Error:
        raise Refused("corrupt") from None
    return rows


def _cell(content: str) -> str:
    lines = _NOT_XML.sub("", content).splitlines()
    text = "".join(f"<text:p>{escape(line)}</text:p>" for line in lines)
    return f'<table:table-cell table:style-name="cell" office:value-type="string">{text}</table:table-cell>'
