"""table.validate: what is wrong with a table, row by row, in whichever file it comes."""

import pytest

from exchange.steps.base import StepParametersInvalid
from exchange.steps.registry import step_parse
from exchange.steps.tables import CSV, LINES, ODS, XLSX
from tests.exchange.steps.mutations import mutations
from tests.exchange.steps.test_table_convert import FILES


@pytest.fixture
def found(apply):
    """(code, where) of every finding on a CSV file."""

    def run(text: str, columns: list[dict], **parameters) -> list[tuple[str, str]]:
        done = apply("table.validate", text.encode(), CSV, columns=columns, **parameters)
        assert done.content == b""
        findings = done.report.get("findings", [])
        assert done.report["faults"] == len(findings)
        return [(finding["code"], finding["where"]) for finding in findings]

    return run


def test_a_row_and_a_column_are_named_with_what_stands_there(apply):
    content = b"Amount,Name\n12.50,Ana\n\nabc,Ben\n"
    done = apply("table.validate", content, CSV, columns=[{"name": "amount", "type": "decimal"}, {"name": "Name"}])
    assert done.report == {
        "rows": 2,
        "faults": 1,
        "findings": [{"code": "type_wrong", "where": "row 4, amount", "text": "“abc” is not a number."}],
    }


@pytest.mark.parametrize(
    ("column", "good", "bad", "expected"),
    [
        ({"type": "integer"}, ["5", "-3", "0", ""], ["1.5", "007", "x", "1 000"], "type_wrong"),
        ({"type": "decimal"}, ["5", "-3.25", "+1.0"], ["1,5", "1e5", "NaN", "0x1"], "type_wrong"),
        ({"type": "date"}, ["2026-02-28"], ["2026-02-29", "28.02.2026", "2026-1-1"], "type_wrong"),
        ({"type": "boolean"}, ["true", "No", "1"], ["maybe", "2"], "type_wrong"),
        ({"type": "email"}, ["ana@aster.example"], ["ana", "ana@aster", "a b@c.example", "@a.example"], "type_wrong"),
        ({"type": "iban"}, ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"],
         ["DE89370400440532013001", "DE89", "8937"], "type_wrong"),
        ({"type": "choice", "values": ["A", "B"]}, ["A", "B"], ["a", "C", "A "], "value_unknown"),
        ({"pattern": "[A-Z]{2}[0-9]+"}, ["AB1", "XY99"], ["AB", "ab1", "AB1x"], "pattern_mismatch"),
        ({"type": "decimal", "least": "0", "most": "10"}, ["0", "10", "5.5"], ["-0.1"], "below_least"),
        ({"type": "decimal", "least": "0", "most": "10"}, ["0"], ["10.01"], "above_most"),
        ({"type": "date", "least": "2026-01-01"}, ["2026-01-01"], ["2025-12-31"], "below_least"),
        ({"required": True}, ["x", "0"], ["", "  "], "value_missing"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_each_rule_of_a_column(found, column, good, bad, expected):
    text = "".join(f'"{value}",x\n' for value in ["Value", *good, *bad])
    first = len(good) + 2
    assert found(text, [{"name": "Value", **column}], other_columns=True) == [
        (expected, f"row {number}, Value") for number in range(first, first + len(bad))
    ]


def test_a_value_that_stands_twice(apply):
    done = apply(
        "table.validate", b"Id,x\n7,\n8,\n7,\n,\n,\n", CSV, columns=[{"name": "Id", "unique": True}, {"name": "x"}]
    )
    assert done.report["findings"] == [
        {"code": "not_unique", "where": "row 4, Id", "text": "“7” stands in row 2 already."}
    ]


def test_columns_missing_double_and_too_many(found):
    asked = [{"name": "A"}, {"name": "B"}, {"name": "C"}]
    assert found("a,B,b,d\n1,2,3,4,5\n", asked) == [
        ("column_twice", "B"), ("column_missing", "C"), ("column_unknown", "d"), ("cell_unknown", "row 2"),
    ]  # fmt: skip
    assert found("c,A,B,d\n1,2,3,4,5\n", asked, other_columns=True) == []


@pytest.mark.parametrize(("name", "media_type"), [("orders.xlsx", XLSX), ("orders.ods", ODS)])
def test_the_types_of_a_workbook(apply, name, media_type):
    columns = [
        {"name": "Item"}, {"name": "Number", "pattern": "0[0-9]+"}, {"name": "Price", "type": "decimal", "least": "0"},
        {"name": "Ordered", "type": "date", "most": "2026-11-24"}, {"name": "Total", "type": "integer"},
        {"name": "Paid", "type": "boolean"},
    ]  # fmt: skip
    done = apply("table.validate", (FILES / name).read_bytes(), media_type, columns=columns)
    said = [(finding["code"], finding["where"]) for finding in done.report["findings"]]
    assert said == [("sheets_left_out", ""), ("below_least", "row 3, Price"), ("above_most", "row 3, Ordered")]


def test_rows_of_a_workbook_are_numbered_as_it_shows_them(apply):
    content = (FILES / "orders.xlsx").read_bytes()
    columns = [{"name": "A", "type": "date"}]
    done = apply("table.validate", content, XLSX, columns=columns, sheet="Later", other_columns=True)
    assert done.report["findings"][0]["where"] == "row 5, A"


def test_json_lines(apply):
    content = b'{"a": 1, "b": true}\n{"a": "x"}\n'
    columns = [{"name": "a", "type": "integer"}, {"name": "b", "type": "boolean", "required": True}]
    done = apply("table.validate", content, LINES, columns=columns)
    assert [(one["code"], one["where"]) for one in done.report["findings"]] == [
        ("type_wrong", "row 2, a"), ("value_missing", "row 2, b"),
    ]  # fmt: skip


def test_a_table_with_faults_is_refused_where_that_is_wanted(apply, code):
    columns = [{"name": "A", "type": "integer"}]
    assert code("table.validate", b"A\nx\n", CSV, columns=columns, on_error="refuse") == "table_invalid"
    assert apply("table.validate", b"A\n1\n", CSV, columns=columns, on_error="refuse").report["faults"] == 0


def test_more_faults_than_a_report_holds_are_counted(apply):
    done = apply("table.validate", b"A\n" + b"x\n" * 5000, CSV, columns=[{"name": "A", "type": "integer"}])
    assert (done.report["faults"], len(done.report["findings"])) == (5000, 1000)


def test_a_pattern_that_backtracks_elsewhere_takes_no_time(apply):
    text = b"A\n" + b"a" * 100_000 + b"!\n"
    done = apply("table.validate", text, CSV, columns=[{"name": "A", "pattern": "(a+)+(a|aa)*$"}])
    assert done.report["faults"] == 1


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ([], "columns"),
        ([{"name": ""}], "columns.0.name"),
        ([{"name": "A"}, {"name": "a "}], "must name each column once"),
        ([{"name": "A", "type": "money"}], "columns.0.type"),
        ([{"name": "A", "pattern": "("}], "must be a regular expression"),
        ([{"name": "A", "pattern": "(?=a)b"}], "must be a regular expression"),
        ([{"name": "A", "pattern": "x" * 201}], "columns.0.pattern"),
        ([{"name": "A", "pattern": "((a{100}){100}){100}"}], "must be a regular expression"),
        ([{"name": "A", "type": "choice"}], "must have values"),
        ([{"name": "A", "values": ["x"]}], "must have values"),
        ([{"name": "A", "least": "1"}], "must be of type"),
        ([{"name": "A", "type": "date", "least": "1"}], "must have a least and most of its own type"),
        ([{"name": "A", "type": "decimal", "least": "NaN"}], "must have a least and most of its own type"),
        ([{"name": "A", "type": "integer", "least": "2", "most": "1"}], "no more than its most"),
        ([{"name": f"{n}", "type": "choice", "values": ["x" * 400]} for n in range(150)], "must be shorter"),
    ],
)
def test_columns_that_the_step_does_not_take(columns, says):
    with pytest.raises(StepParametersInvalid) as refused:
        step_parse("table.validate", {"columns": columns})
    assert says in refused.value.sentence


def test_mutations():
    columns = [
        {"name": "A", "type": "decimal", "unique": True}, {"name": "B", "type": "date"}, {"name": "C", "type": "iban"},
        {"name": "D", "pattern": "[a-z]+"}, {"name": "E", "type": "email"},
    ]  # fmt: skip
    content = b"A,B,C,D,E\n1.5,2026-11-24,DE89370400440532013000,abc,ana@aster.example\n-2,x,y,Z,\xc3\xa4\n" * 4
    assert mutations("table.validate", content, CSV, count=30, columns=columns)["ok"]
