"""invoice.render: what stands on the pages is what the invoice says."""

import pypdfium2
import pytest

from exchange.steps.base import PDF
from exchange.steps.invoices import XML
from exchange.steps.registry import step_parse
from tests.exchange.steps.mutations import mutations
from tests.files.make_invoices import PAPER, cii, factur_x, ubl

CHANGES = """
  <cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>
    <cbc:AllowanceChargeReason>Rebate</cbc:AllowanceChargeReason><cbc:Amount currencyID="EUR">10.00</cbc:Amount>
    <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
    </cac:TaxCategory></cac:AllowanceCharge>
  <cac:TaxTotal>"""


def words(content: bytes) -> list[str]:
    """The text of each page, one blank between words."""
    with pypdfium2.PdfDocument(content) as document:
        assert {tuple(round(edge) for edge in page.get_size()) for page in document} == {(595, 842)}
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(ubl().encode(), XML), (cii().encode(), XML), (factur_x(cii().encode()), PDF)],
    ids=["ubl", "cii", "factur-x"],
)
def test_parties_lines_vat_totals_and_payment(apply, content, media_type):
    done = apply("invoice.render", content, media_type)
    assert done.report == {"invoices": 1, "lines": 3, "pages": 1, "letters_missing": 0}
    (page,) = words(done.content)
    for said in (
        "Invoice 2026-0042", "Aster GmbH", "Straße 1", "10115 Berlin", "VAT: DE123456789", "Contact: Åsa Ørsted",
        "Birch S.à r.l.", "10115 Łódź", "PL1234567890", "Date 2026-11-24", "Due 2026-12-24", "Delivered 2026-11-20",
        "Your reference 04011000-12345-34", "Order PO 7", "Danke für Ihren Auftrag.",
        "1 Papier für Łódź 10 pieces 12.50 19 % 125.00", "2 Βιβλίο – Книга 3 pieces 7.99 7 % 23.97",
        "Standard rate 19 % 245.00 46.55", "Standard rate 7 % 23.97 1.68", "Total without VAT 268.97 EUR",
        "VAT 48.23 EUR", "Total with VAT 317.20 EUR", "Amount due 317.20 EUR", "By SEPA credit transfer",
        "Account DE89370400440532013000", "Bank COBADEFFXXX", "Payment reference 2026-0042", "Terms 30 days net",
    ):  # fmt: skip
        assert said in page


def test_a_credit_note_and_an_allowance(apply):
    text = ubl(kind="CreditNote").replace("\n  <cac:TaxTotal>", CHANGES)
    (page,) = words(apply("invoice.render", text.encode(), XML).content)
    assert "Credit note 2026-0042" in page
    assert "Allowance: Rebate 19 % 10.00" in page


def test_lines_go_on_over_pages_beneath_their_titles(apply):
    done = apply("invoice.render", ubl(PAPER * 200).encode(), XML)
    pages = words(done.content)
    assert done.report["lines"] == 600
    assert done.report["pages"] == len(pages) > 10
    assert all("Item Quantity Price EUR VAT Net EUR" in page for page in pages[:-2])
    assert "600 Travail à façon" in " ".join(pages)


def test_long_texts_and_foreign_letters_take_their_place(apply):
    text = ubl().replace("Papier für Łódź", "W" * 3000).replace("Straße 1", "Lange Straße " * 400)
    done = apply("invoice.render", text.replace("Danke", "谢谢 &lt;b&gt; &amp;amp;").encode(), XML)
    assert done.report["letters_missing"] == 2
    assert [one["code"] for one in done.report["findings"]] == ["letters_missing"]
    pages = " ".join(words(done.content))
    assert "?? <b> &amp; für Ihren Auftrag." in pages
    assert "Amount due 317.20 EUR" in pages


def test_what_is_no_amount_is_shown_as_it_is_and_not_at_any_length(apply):
    text = ubl().replace('TaxInclusiveAmount currencyID="EUR">317.20', 'TaxInclusiveAmount currencyID="EUR">about 300')
    text = text.replace('PayableAmount currencyID="EUR">317.20', f'PayableAmount currencyID="EUR">{"9" * 5000}')
    text = text.replace("EUR</cbc:DocumentCurrencyCode>", f"{'EUR ' * 900}</cbc:DocumentCurrencyCode>")
    pages = words(apply("invoice.render", text.encode(), XML).content)
    assert "Total with VAT about 300 EUR EUR" in " ".join(pages)
    assert len(pages) <= 2


def test_too_many_lines_are_refused(code):
    lines = ubl(PAPER[:1]).replace("<cac:InvoiceLine>", "<cac:InvoiceLine/>" * 10_000 + "<cac:InvoiceLine>")
    assert code("invoice.render", lines.encode(), XML) == "too_many_rows"


@pytest.mark.parametrize(
    ("content", "refused"), [(b"", "document_empty"), (b"<a/>", "invoice_missing"), (b"%PDF-1.7 broken", "corrupt")]
)
def test_what_is_no_invoice_is_refused(code, content, refused):
    assert code("invoice.render", content, XML) == refused


def test_an_invoice_without_anything_is_a_page(apply):
    empty = b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>'
    assert len(words(apply("invoice.render", empty, XML).content)) == 1


def test_the_result_is_named_as_a_pdf():
    product = step_parse("invoice.render", {}).product(XML)
    assert (product.media_type, product.name("rechnung.xml")) == (PDF, "rechnung.pdf")


@pytest.mark.parametrize("content", [ubl().encode(), factur_x(cii().encode())], ids=["xml", "pdf"])
def test_mutations(content):
    assert mutations("invoice.render", content, XML, count=30)["ok"]
