"""invoice.validate: the official rules of EN 16931 on invoices of UBL and CII, alone or inside a PDF."""

import io
import re
from pathlib import Path

import pikepdf
import pytest

from exchange.steps.base import PDF, StepParametersInvalid
from exchange.steps.content_type import content_type_detect
from exchange.steps.invoices import XML
from exchange.steps.registry import step_parse
from tests.exchange.steps.mutations import mutations
from tests.files.make_invoices import EN16931, EVERY_CATEGORY, FOLDER, cii, factur_x, ubl

BASIC = f"{EN16931}#compliant#urn:factur-x.eu:1p0:basic"
EXTENDED = f"{EN16931}#conformant#urn:factur-x.eu:1p0:extended"
XRECHNUNG = f"{EN16931}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
SAMPLE = Path("exchange/steps/samples/document.pdf").read_bytes()


def edited(text: str, *changes: tuple[str, str]) -> bytes:
    """Each first place of the one text says the other."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def each(text: str, start: str, old: str, new: str) -> tuple[str, str]:
    """A change of the first `old` that follows on `start`."""
    found = re.search(f"{re.escape(start)}.*?{re.escape(old)}", text, re.DOTALL)
    assert found, (start, old)
    return found[0], found[0][: -len(old)] + new


@pytest.fixture
def check(apply):
    """The report's counts, and its findings by code without the one that names the rules."""

    def run(content: bytes, media_type: str = XML, **parameters) -> tuple[dict[str, int], dict[str, dict]]:
        done = apply("invoice.validate", content, media_type, **parameters)
        rules, *findings = done.report.pop("findings")
        assert done.content == b""
        assert rules["code"] == "rules"
        return done.report | {"rules": rules["text"]}, {finding["code"]: finding for finding in findings}

    return run


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_a_good_invoice_breaks_no_rule(check, path):
    counts, findings = check(path.read_bytes(), PDF if path.suffix == ".pdf" else XML)
    of_ubl = "ubl" in path.name
    assert findings == {}
    assert counts == {
        "errors": 0,
        "warnings": 0,
        "rules_checked": 979 if of_ubl else 433,
        "rules": f"{'EN 16931 for UBL, version 1.3.16' if of_ubl else 'Factur-X EN 16931, version 1.09.2'} "
        "in factur-x 7.8.",
    }


@pytest.mark.parametrize(
    ("profile", "rules", "count"),
    [(BASIC, "BASIC", 284), (EXTENDED, "EXTENDED", 943), (XRECHNUNG, "EN 16931", 433)],
    ids=["basic", "extended", "xrechnung"],
)
def test_the_profile_that_a_cii_invoice_names_is_its_own(check, profile, rules, count):
    counts, findings = check(cii(profile=profile, short=profile == BASIC).encode())
    assert findings == {}
    assert counts["rules"].startswith(f"Factur-X {rules},")
    assert counts["rules_checked"] == count


def test_another_profile_can_be_asked_for(check):
    counts, findings = check(cii().encode(), profile="minimum")
    assert counts["rules"].startswith("Factur-X MINIMUM")
    assert (counts["errors"] > 0, counts["rules_checked"], set(findings)) == (True, 0, {"schema"})


def test_rules_of_the_document_its_amounts_code_lists_and_decimals(check):
    text = ubl()
    counts, findings = check(
        edited(
            text,
            ("<cbc:ID>2026-0042<", "<cbc:ID> <"),
            ("InvoiceTypeCode>380", "InvoiceTypeCode>9999"),
            ("DocumentCurrencyCode>EUR", "DocumentCurrencyCode>XXQ"),
            ("<cbc:IdentificationCode>DE", "<cbc:IdentificationCode>QX"),
            ("PaymentMeansCode name=\"Credit transfer\">58", "PaymentMeansCode>9x"),
            ('<cbc:TaxAmount currencyID="EUR">48.23', '<cbc:TaxAmount currencyID="EUR">48.234'),
            ('<cbc:TaxAmount currencyID="EUR">46.55', '<cbc:TaxAmount currencyID="EUR">56.55'),
            ('<cbc:LineExtensionAmount currencyID="EUR">268.97', '<cbc:LineExtensionAmount currencyID="EUR">268.90'),
            ('<cbc:TaxInclusiveAmount currencyID="EUR">317.20', '<cbc:TaxInclusiveAmount currencyID="EUR">193.205'),
            ('unitCode="C62"', 'unitCode="nope"'),
            ("PriceAmount currencyID=\"EUR\">12.50", "PriceAmount currencyID=\"EUR\">-12.50"),
            ("<cbc:IssueDate>", "<cbc:UUID>11e9a1d3-0000-4000-8000-000000000000</cbc:UUID><cbc:IssueDate>"),
        )
    )  # fmt: skip
    expected = {
        "BR-02", "BR-27", "BR-CL-01", "BR-CL-04", "BR-CL-14", "BR-CL-16", "BR-CL-23", "BR-CO-10", "BR-CO-13",
        "BR-CO-14", "BR-CO-15", "BR-CO-16", "BR-CO-17", "BR-DEC-14", "BR-S-09", "UBL-CR-005",
    }  # fmt: skip
    assert expected <= set(findings)
    assert findings["BR-CO-15"]["text"].endswith(
        "The invoice says 193.205, and the total without VAT and the VAT are 317.204."
    )
    assert findings["BR-CO-10"]["text"].endswith("The invoice says 268.90, and the lines add up to 268.97.")
    assert findings["BR-CO-17"]["text"].endswith("19 % of 245.00 are 46.55, and the invoice says 56.55.")
    assert findings["BR-CL-04"] == {
        "code": "BR-CL-04",
        "where": "line 11: DocumentCurrencyCode",
        "text": "Invoice currency code MUST be coded using ISO code list 4217 alpha-3. It says “XXQ”.",
    }
    assert findings["BR-27"]["where"].endswith(": InvoiceLine[1]")
    assert findings["UBL-CR-005"]["text"].startswith("Warning: ")
    assert counts["warnings"] == 1
    assert counts["errors"] >= len(expected) - 1


def test_every_category_of_vat_has_its_rules(check):
    text = ubl(EVERY_CATEGORY)
    breakdowns = text[text.index("<cac:TaxSubtotal>") :]
    changes = []
    for category in ("S", "Z", "E", "AE", "K", "G", "L", "M"):  # the taxable amount is another
        group = re.search(
            rf'TaxableAmount currencyID="EUR">\d+\.\d+(</cbc:TaxableAmount>(?:(?!TaxSubtotal).)*?<cbc:ID>{category}<)',
            breakdowns,
            re.DOTALL,
        )
        changes.append((group[0], f'TaxableAmount currencyID="EUR">1.00{group[1]}'))
    changes.append(("<cbc:TaxExemptionReason>Export outside the EU</cbc:TaxExemptionReason>", ""))
    changes.append(("<cbc:CompanyID>PL1234567890</cbc:CompanyID>", "<cbc:CompanyID> </cbc:CompanyID>"))
    changes.append(("<cac:Delivery>", "<!-- "))
    changes.append(("</cac:Delivery>", " -->"))
    _, findings = check(edited(text, *changes))
    families = ("S", "Z", "E", "AE", "IC", "G", "AF", "AG")
    assert {f"BR-{family}-08" for family in families} - set(findings) == set()
    assert {"BR-G-10", "BR-IC-11", "BR-IC-12"} <= set(findings)
    assert findings["BR-IC-08"]["text"].endswith("At 0 % the invoice taxes 1.00 with 0.00; its lines give 100.00.")


def test_what_is_not_subject_to_vat_has_its_rules(check):
    text = (FOLDER / "untaxed-ubl.xml").read_text()
    percent = "<cbc:ID>O</cbc:ID><cbc:Percent>5</cbc:Percent>"
    _, findings = check(
        edited(text, each(text, "<cac:Item>", "<cbc:ID>O</cbc:ID>", percent),
               ("<cbc:TaxExemptionReason>Not subject to VAT</cbc:TaxExemptionReason>", ""))
    )  # fmt: skip
    assert {"BR-O-05", "BR-O-10"} <= set(findings)


def test_rules_of_cii(check):
    counts, findings = check(
        factur_x(
            edited(
                cii(),
                ("<ram:TypeCode>380", "<ram:TypeCode>9999"),
                ("InvoiceCurrencyCode>EUR", "InvoiceCurrencyCode>XXQ"),
                ("<ram:ChargeAmount>12.50", "<ram:ChargeAmount>-12.50"),
                ("<ram:GrandTotalAmount>317.20", "<ram:GrandTotalAmount>193.207"),
                ("<ram:BasisAmount>245.00", "<ram:BasisAmount>1.00"),
            )
        ),
        PDF,
    )
    assert {"BR-27", "BR-CO-15", "BR-CO-16", "BR-DEC-14", "BR-S-08", "FX-SCH-A-000555"} <= set(findings)
    assert findings["FX-SCH-A-000555"]["text"] == "Value of 'ram:TypeCode' is not allowed. It says “9999”."
    assert "the total without VAT and the VAT are 317.20." in findings["BR-CO-15"]["text"]
    assert counts["errors"] >= 6


def test_what_the_schema_does_not_allow_is_said_first_and_alone(check):
    counts, findings = check(edited(ubl(), ("<cbc:IssueDate>2026-11-24", "<cbc:IssueDate>24.11.2026")))
    assert counts["rules_checked"] == 0
    assert findings["schema"] == {
        "code": "schema",
        "where": "line 7: IssueDate",
        "text": "Element 'IssueDate': '24.11.2026' is not a valid value of the atomic type 'xs:date'.",
    }


def test_an_invoice_with_errors_is_refused_where_that_is_asked_for(check, code):
    wrong = edited(ubl(), ("<cbc:IssueDate>2026-11-24", "<cbc:IssueDate>24.11.2026"))
    assert code("invoice.validate", wrong, XML, on_error="refuse") == "invoice_invalid"
    warned = edited(ubl(), ("<cbc:IssueDate>", "<cbc:UUID>1</cbc:UUID><cbc:IssueDate>"))
    counts, _ = check(warned, on_error="refuse")
    assert (counts["errors"], counts["warnings"]) == (0, 1)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-15"])
def test_xml_of_any_encoding_reaches_the_step(apply, encoding):
    content = ubl().replace("UTF-8", encoding.removesuffix("-sig")).encode(encoding, "xmlcharrefreplace")
    media_type = content_type_detect(content[:8192], name="rechnung.xml").media_type
    assert step_parse("invoice.render", {}).takes(media_type)
    assert step_parse("invoice.validate", {}).takes(media_type)
    assert apply("invoice.render", content, media_type).report["lines"] == 3


def _pdf(change) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(factur_x(cii().encode()))) as pdf:
        options = change(pdf) or {}
        pdf.save(out, **options)
    return out.getvalue()


def _bomb(pdf: pikepdf.Pdf) -> dict:
    spec = pdf.attachments["factur-x.xml"].obj
    spec.EF.F = pdf.make_stream(b"<a>" + b" " * (40 << 20))
    spec.EF.UF = spec.EF.F
    return {"compress_streams": True}


def _filtered(pdf: pikepdf.Pdf) -> dict:
    spec = pdf.attachments["factur-x.xml"].obj
    spec.EF.F = spec.EF.UF = pikepdf.Stream(pdf, b"3c>", Filter=pikepdf.Name.ASCIIHexDecode)
    return {"compress_streams": False, "stream_decode_level": pikepdf.StreamDecodeLevel.none}


def _locked(pdf: pikepdf.Pdf) -> dict:
    return {"encryption": pikepdf.Encryption(owner="o", user="u")}


LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>\n<Invoice '
OUTSIDE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>\n<Invoice '
ZUGFERD_1 = b'<r:CrossIndustryDocument xmlns:r="urn:ferd:CrossIndustryDocument:invoice:1p0"/>'


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        (b"", "document_empty"),
        (b"Invoice 42: 100 EUR", "corrupt"),
        (ubl().encode()[:2000], "corrupt"),
        (edited(ubl(), ("<Invoice ", LAUGHS), ("2026-0042", "&c;")), "corrupt"),
        (edited(ubl(), ("<Invoice ", OUTSIDE), ("2026-0042", "&b;")), "corrupt"),
        (b"<a>" * 200 + b"</a>" * 200, "corrupt"),
        (b"<a>" + b"<b/>" * 400_000 + b"</a>", "corrupt"),
        (b"<a>" + b" " * (33 << 20) + b"</a>", "unsupported"),
        (b"<a/>", "invoice_missing"),
        (ZUGFERD_1, "invoice_missing"),
        (SAMPLE, "invoice_missing"),
        (factur_x(ZUGFERD_1), "invoice_missing"),
        (factur_x(b"<a"), "corrupt"),
        (factur_x(cii().encode(), name="notes.txt"), "invoice_missing"),
        (SAMPLE[:300], "corrupt"),
        (_pdf(_locked), "password_protected"),
        (_pdf(_bomb), "corrupt"),
        (_pdf(_filtered), "unsupported"),
    ],
    ids=[
        "empty", "text", "cut", "laughs", "outside", "deep", "many", "long", "other", "zugferd1", "no invoice",
        "pdf zugferd1", "pdf broken xml", "other file", "broken pdf", "password", "pdf bomb", "pdf filter",
    ],
)  # fmt: skip
def test_what_is_no_invoice_is_refused(code, content, refused):
    assert code("invoice.validate", content, XML) == refused


def test_a_signed_pdf_is_read_as_nothing_of_it_changes(apply):
    def sign(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm = pikepdf.Dictionary(SigFlags=3, Fields=[])

    assert apply("invoice.render", _pdf(sign), PDF).report["lines"] == 3


@pytest.mark.parametrize("parameters", [{"profile": "comfort"}, {"on_error": "hold"}])
def test_parameters(parameters):
    with pytest.raises(StepParametersInvalid):
        step_parse("invoice.validate", parameters)


def test_mutations_of_xml():
    assert mutations("invoice.validate", cii().encode(), XML, seconds=60, count=12)["ok"]


def test_mutations_of_a_pdf():
    assert mutations("invoice.validate", factur_x(cii().encode()), PDF, seconds=60, count=12)["ok"]
