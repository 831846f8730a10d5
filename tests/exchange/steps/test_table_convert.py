"""table.convert: the same table in another file, without a formula, and with every zero where it was."""

import csv
import io
import json
import zipfile
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from exchange.steps.base import StepParametersInvalid
from exchange.steps.content_type import content_type_detect
from exchange.steps.registry import step_parse
from exchange.steps.tables import CSV, LINES, ODS, TSV, XLSM, XLSX
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.packages import package

FILES = Path(__file__).parents[2] / "files" / "tables"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def sheet(content: bytes) -> list[list]:
    """Rows of a workbook's first sheet, as another reader than Excel sees them."""
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def rows(content: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter))


def lines(content: bytes) -> list[dict]:
    return [json.loads(line) for line in content.splitlines()]


def workbook(cells: str) -> bytes:
    """The smallest workbook around the XML of its rows."""

    def related(kind: str, to: str) -> str:
        relation = f'<Relationship Id="r" Type="{DOCUMENT}/{kind}" Target="{to}"/>'
        return f'<Relationships xmlns="{RELATIONS}">{relation}</Relationships>'

    return package(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": related("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="r"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": related("worksheet", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>',
        }
    )


def test_a_csv_file_becomes_a_workbook_with_types(apply):
    text = "Item,Number,Amount,Day,Phone,Long\r\nPaper,007,-12.50,2026-11-24,+491701234567,1234567890123456\r\n"
    done = apply("table.convert", text.encode(), CSV, to="xlsx")
    assert done.report == {"rows": 2, "columns": 6, "neutralised": 0}
    header, row = sheet(done.content)
    assert header == ["Item", "Number", "Amount", "Day", "Phone", "Long"]
    assert row == ["Paper", "007", -12.5, date(2026, 11, 24), "+491701234567", "1234567890123456"]
    assert content_type_detect(done.content[:8192], name="a.xlsx", untrusted_suffix=done.content).media_type == XLSX


@pytest.mark.parametrize("to", ["csv", "xlsx", "jsonl"])
def test_what_comes_out_is_of_the_type_that_is_promised(apply, to):
    text = "Größe;Wert\r\n" + "ä;1\r\n" * 5000  # more than the prefix that is looked at
    content = apply("table.convert", text.encode("cp1252"), CSV, to=to).content
    product = step_parse("table.convert", {"to": to}).product(CSV)
    found = content_type_detect(content, name=product.name("table.txt"), untrusted_suffix=content[-(1 << 16) :])
    assert (found.media_type, found.agrees) == (product.media_type, True)


HOSTILE = ["=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=1+1", "＝1", "-", "+49 170 1234567"]
NUMBERS = ["-5", "+3.2", "-1,234.5", "-1e5", "-5%", "+491701234567"]


def hostile() -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["Cell", "Other"], *([cell, "x"] for cell in HOSTILE + NUMBERS)])
    return out.getvalue().encode()


def test_what_a_spreadsheet_would_run_is_text_in_csv(apply):
    done = apply("table.convert", hostile(), CSV, to="csv", delimiter="comma")
    cells = [row[0] for row in rows(done.content)[1:]]
    assert cells == [f"'{cell}" for cell in HOSTILE] + NUMBERS
    assert done.report["neutralised"] == len(HOSTILE)


def test_what_a_spreadsheet_would_run_is_text_in_a_workbook(apply):
    done = apply("table.convert", hostile(), CSV, to="xlsx", delimiter="comma")
    with zipfile.ZipFile(io.BytesIO(done.content)) as archive:
        written = archive.read("xl/worksheets/sheet1.xml")
        assert b'quotePrefix="1"' in archive.read("xl/styles.xml")
    assert b"<f>" not in written
    assert b"=1+1" in written
    assert [row[0] for row in sheet(done.content)][1 : 1 + len(HOSTILE)] == HOSTILE
    assert done.report["neutralised"] == len(HOSTILE)


def test_the_formulas_of_a_workbook_go_and_their_values_stay(apply):
    content = (FILES / "orders.xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f" in archive.read("xl/worksheets/sheet1.xml")
    done = apply("table.convert", content, XLSM, to="xlsx")
    with zipfile.ZipFile(io.BytesIO(done.content)) as archive:
        assert b"<f" not in archive.read("xl/worksheets/sheet1.xml")
    assert sheet(done.content)[1] == ["Paper", "007", 12.5, date(2026, 11, 24), 25.0, True]


@pytest.mark.parametrize(
    ("name", "media_type", "paid"),
    [("orders.xlsx", XLSX, ("true", "false")), ("orders.ods", ODS, ("1", "0"))],  # what LibreOffice makes of a boolean
)
def test_a_workbook_of_libreoffice(apply, name, media_type, paid):
    done = apply("table.convert", (FILES / name).read_bytes(), media_type, to="csv", written="semicolon")
    assert rows(done.content, ";") == [
        ["Item", "Number", "Price", "Ordered", "Total", "Paid"],
        ["Paper", "007", "12.5", "2026-11-24", "25", paid[0]],
        ["'=1+1", "0815", "-3", "2026-11-25", "-6", paid[1]],
    ]
    (finding,) = done.report.pop("findings")
    assert (finding["code"], "“Orders”" in finding["text"]) == ("sheets_left_out", True)
    assert done.report == {"rows": 3, "columns": 6, "neutralised": 1}


@pytest.mark.parametrize("chosen", ["Later", "2"])
def test_a_sheet_by_name_and_by_number(apply, code, chosen):
    content = (FILES / "orders.xlsx").read_bytes()
    done = apply("table.convert", content, XLSX, to="csv", sheet=chosen)
    assert rows(done.content) == [["", "A", "B"], ["", "1", "ä€"]]
    assert "findings" not in done.report
    assert code("table.convert", content, XLSX, to="csv", sheet="3") == "sheet_missing"


def test_json_lines_and_back(apply):
    made = apply("table.convert", b"A,B,A,\r\n1,2026-01-31,x,\r\n\r\n2,,y,z,extra\r\n", CSV, to="jsonl").content
    assert lines(made) == [
        {"A": 1, "B": "2026-01-31", "A (2)": "x", "Column 4": None},
        {"A": 2, "B": None, "A (2)": "y", "Column 4": "z", "Column 5": "extra"},
    ]
    assert rows(apply("table.convert", made, LINES, to="csv").content) == [
        ["A", "B", "A (2)", "Column 4", "Column 5"],
        ["1", "2026-01-31", "x", "", ""],
        ["2", "", "y", "z", "extra"],
    ]


def test_nested_members_are_json_and_large_numbers_whole(apply):
    content = b'{"a": {"b": [1, "\xc3\xa4"]}, "n": 12345678901234567890}\n{"a": true, "n": 0.1}\n'
    done = apply("table.convert", content, LINES, to="xlsx")
    assert sheet(done.content)[1:] == [['{"b": [1, "ä"]}', "12345678901234567890"], [True, 0.1]]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-mark", "cp1252"])
def test_encodings_are_detected(apply, codec):
    text = "Name;Preis\r\nMüller;5 €\r\n"
    content = b"\xfe\xff" + text.encode("utf-16-be") if codec == "utf-16-be-mark" else text.encode(codec)
    assert content_type_detect(content, name="a.csv").media_type == CSV
    done = apply("table.convert", content, CSV, to="csv")
    assert done.content.decode() == "Name,Preis\r\nMüller,5 €\r\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("ä".encode("cp1252"), "utf-8"),
        (b"a\0b", "detect"),
        (b"a\x81\x8d\xff\xfe", "detect"),
        (b"\xff\xfea", "utf-16"),
        (b"a,b", "utf-16"),
    ],
)
def test_what_is_in_no_such_encoding_is_not_text(code, content, encoding):
    assert code("table.convert", content, CSV, to="csv", encoding=encoding) == "not_text"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;b\n1,5;2\n2,5;3\n", [["a", "b"], ["1,5", "2"], ["2,5", "3"]]),
        ("a\tb\n1\t2\n", [["a", "b"], ["1", "2"]]),
        ('"a|b"|c\n"x,y"|z\n', [["a|b", "c"], ["x,y", "z"]]),
        ("one column\nonly\n", [["one column"], ["only"]]),
    ],
)
def test_delimiters_are_detected(apply, text, expected):
    assert rows(apply("table.convert", text.encode(), CSV, to="csv").content) == expected


def test_a_tab_separated_file_needs_no_detection(apply):
    assert rows(apply("table.convert", b"a,b\tc\n1,2\t3\n", TSV, to="csv").content) == [["a,b", "c"], ["1,2", "3"]]


def test_numbers_and_dates_as_they_are_written_elsewhere(apply):
    text = "Preis;Tag;Falsch\n-1,5;31.12.2026;31.02.2026\n"
    done = apply("table.convert", text.encode(), CSV, to="xlsx", decimal="comma", dates="day_first")
    assert sheet(done.content)[1] == [-1.5, date(2026, 12, 31), "31.02.2026"]
    done = apply("table.convert", text.encode(), CSV, to="xlsx", decimal="point", dates="month_first")
    assert sheet(done.content)[1] == ["-1,5", "31.12.2026", "31.02.2026"]


COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
CORNER = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (b"", CSV, "document_empty"),
        (b"\r\n\r\n", CSV, "document_empty"),
        (b"", XLSX, "corrupt"),
        (b"PK\x03\x04" + bytes(100), XLSX, "corrupt"),
        ((FILES / "orders.xlsx").read_bytes()[:3000], XLSX, "corrupt"),
        ((FILES / "orders.ods").read_bytes(), XLSX, "corrupt"),
        ((FILES / "orders.xlsx").read_bytes(), ODS, "corrupt"),
        (COMPOUND + "EncryptedPackage".encode("utf-16-le"), XLSX, "password_protected"),
        (COMPOUND, XLSX, "unsupported"),
        (workbook(CORNER), XLSX, "too_many_rows"),
        (workbook('<row r="30000"><c r="A1"><v>1</v></c><c r="AAA30000"><v>1</v></c></row>'), XLSX, "too_many_rows"),
        (package({"mimetype": ODS, "META-INF/manifest.xml": "<x><encryption-data/></x>"}), ODS, "password_protected"),
        (package({"a": "x", "b": bytes(40 << 20)}), XLSX, "archive_ratio"),
        (workbook(""), XLSX, "document_empty"),
        (b"a" * 200_000, CSV, "corrupt"),
        ((",".join("x" * 1001) + "\n").encode(), CSV, "too_many_rows"),
        (b"a\n" * 1_000_001, CSV, "too_many_rows"),
        (b"", LINES, "document_empty"),
        (b"[1, 2]\n", LINES, "corrupt"),
        (b'{"a": NaN}\n', LINES, "corrupt"),
        (b'{"a": 1e999}\n', LINES, "corrupt"),
        (b'{"a": "\\ud800"}\n', LINES, "corrupt"),
        (b'{"a": ' + b"[" * 50_000 + b"\n", LINES, "corrupt"),
        (b'{"a": ' + b"9" * 5000 + b"}\n", LINES, "corrupt"),
        (b'{"a": "' + b"x" * (1 << 20) + b'"}\n', LINES, "corrupt"),
        (b'{"\xff": 1}\n', LINES, "not_text"),
        (("{" + ",".join(f'"{name}": 1' for name in range(1001)) + "}").encode(), LINES, "too_many_rows"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_read_has_a_code(code, content, media_type, expected):
    assert code("table.convert", content, media_type, to="csv") == expected


def test_a_sheet_whose_end_is_broken_does_not_keep_the_reader_busy_for_ever(code):
    with zipfile.ZipFile(FILES / "orders.ods") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    broken = (
        parts["content.xml"]
        .replace(b"<office:forms", b"<office\x1cforms")
        .replace(b"</table:table>", b"<\0table:table>")
    )
    assert code("table.convert", package(parts | {"content.xml": broken}), ODS, to="csv") == "corrupt"


def test_a_cell_that_no_workbook_holds_is_not_cut(code):
    assert code("table.convert", b"a\n" + b"x" * 32_768 + b"\n", CSV, to="xlsx") == "unsupported"


def test_entities_of_a_workbook_are_not_followed(code):
    hostile = workbook('<row r="1"><c r="A1" t="str"><v>MARK</v></c></row>')
    with zipfile.ZipFile(io.BytesIO(hostile)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    bombed = parts["xl/worksheets/sheet1.xml"].replace(b"<worksheet", bomb + b"<worksheet").replace(b"MARK", b"&f;&a;")
    content = package(parts | {"xl/worksheets/sheet1.xml": bombed})
    assert code("table.convert", content, XLSX, to="csv") == "corrupt"


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({}, "to"),
        ({"to": "pdf"}, "to"),
        ({"to": "csv", "encoding": "klingon"}, "encoding"),
        ({"to": "csv", "delimiter": ","}, "delimiter"),
        ({"to": "csv", "sheet": "x" * 101}, "sheet"),
        ({"to": "csv", "formulas": True}, "formulas"),
    ],
)
def test_parameters_that_the_step_does_not_take_are_named(parameters, field):
    with pytest.raises(StepParametersInvalid) as refused:
        step_parse("table.convert", parameters)
    assert refused.value.members["field"] == field


@pytest.mark.parametrize(
    ("make", "media_type", "to"),
    [
        (hostile, CSV, "xlsx"),
        (lambda: b'{"a": 1, "b": [true, {"c": null}]}\n{"a": "x", "d": -0.5}\n' * 5, LINES, "csv"),
        ((FILES / "orders.xlsx").read_bytes, XLSX, "csv"),
        ((FILES / "orders.ods").read_bytes, ODS, "jsonl"),
    ],
    ids=["csv", "jsonl", "xlsx", "ods"],
)
def test_mutations(make, media_type, to):
    assert mutations("table.convert", make(), media_type, count=30, to=to)["ok"]
