"""Invoices of EN 16931 for the tests, all ours: `python -m tests.files.make_invoices`.

One invoice in UBL and in CII, a credit note in UBL, one of every VAT category, and a PDF of Factur-X that carries CII.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pikepdf
from reportlab.pdfgen.canvas import Canvas

FOLDER = Path(__file__).parent / "invoices"
EN16931 = "urn:cen.eu:en16931:2017"
_CENT = Decimal("0.01")
# Why no VAT is due, for each category that needs a reason.
_REASONS = {
    "E": "Exempt from VAT",
    "AE": "Reverse charge",
    "K": "Intra-community supply",
    "G": "Export outside the EU",
    "O": "Not subject to VAT",
}


@dataclass(frozen=True)
class Line:
    """`rate` in percent, "" for the category O."""

    name: str
    quantity: str
    price: str
    category: str = "S"
    rate: str = "19"

    @property
    def net(self) -> Decimal:
        return (Decimal(self.quantity) * Decimal(self.price)).quantize(_CENT, ROUND_HALF_UP)


PAPER = (
    Line("Papier für Łódź", "10", "12.50"),
    Line("Βιβλίο – Книга", "3", "7.99", rate="7"),
    Line("Travail à façon", "1.5", "80"),
)
EVERY_CATEGORY = (
    *PAPER[:2],
    *(Line(f"Item of {one}", "1", "100", one, "0") for one in ("Z", "E", "AE", "K", "G")),
    Line("Item of L", "1", "100", "L", "7"),
    Line("Item of M", "1", "100", "M", "4"),
)
UNTAXED = (Line("Item of O", "2", "50", "O", ""),)


def _groups(lines: Iterable[Line]) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Taxable amount and VAT of each category and rate."""
    bases: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        key = line.category, line.rate
        bases[key] = bases.get(key, Decimal("0.00")) + line.net
    return {
        key: (base, (base * Decimal(key[1] or 0) / 100).quantize(_CENT, ROUND_HALF_UP)) for key, base in bases.items()
    }


def _totals(lines: Iterable[Line]) -> tuple[Decimal, Decimal]:
    groups = _groups(lines).values()
    return sum((base for base, _ in groups), Decimal(0)), sum((tax for _, tax in groups), Decimal(0))


def _ubl_category(tag: str, category: str, rate: str, reason: str = "") -> str:
    percent = f"<cbc:Percent>{rate}</cbc:Percent>" if rate else ""
    why = f"<cbc:TaxExemptionReason>{reason}</cbc:TaxExemptionReason>" if reason else ""
    return (
        f"<cac:{tag}><cbc:ID>{category}</cbc:ID>{percent}{why}"
        f"<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:{tag}>"
    )


def _ubl_party(role: str, name: str, street: str, city: str, country: str, vat: str) -> str:
    tax = (
        f"<cac:PartyTaxScheme><cbc:CompanyID>{vat}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
        "</cac:PartyTaxScheme>"
        if vat
        else ""
    )
    return f"""
  <cac:{role}><cac:Party>
    <cac:PostalAddress><cbc:StreetName>{street}</cbc:StreetName><cbc:CityName>{city}</cbc:CityName>
      <cbc:PostalZone>10115</cbc:PostalZone><cac:Country><cbc:IdentificationCode>{country}</cbc:IdentificationCode>
      </cac:Country></cac:PostalAddress>{tax}
    <cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName><cbc:CompanyID>HRB 4711</cbc:CompanyID>
    </cac:PartyLegalEntity>
    <cac:Contact><cbc:Name>Åsa Ørsted</cbc:Name><cbc:ElectronicMail>asa@aster.example</cbc:ElectronicMail></cac:Contact>
  </cac:Party></cac:{role}>"""


def _ubl_line(number: int, line: Line, kind: str) -> str:
    quantity = {"Invoice": "InvoicedQuantity", "CreditNote": "CreditedQuantity"}[kind]
    return f"""
  <cac:{kind}Line>
    <cbc:ID>{number}</cbc:ID>
    <cbc:{quantity} unitCode="C62">{line.quantity}</cbc:{quantity}>
    <cbc:LineExtensionAmount currencyID="EUR">{line.net}</cbc:LineExtensionAmount>
    <cac:Item><cbc:Name>{line.name}</cbc:Name>
      {_ubl_category("ClassifiedTaxCategory", line.category, line.rate)}</cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="EUR">{line.price}</cbc:PriceAmount></cac:Price>
  </cac:{kind}Line>"""


def ubl(lines: tuple[Line, ...] = PAPER, *, kind: str = "Invoice") -> str:
    """An `Invoice` or a `CreditNote` of UBL 2.1."""
    net, tax = _totals(lines)
    vat = any(line.category != "O" for line in lines)
    code = {"Invoice": "InvoiceTypeCode>380</cbc:Invoice", "CreditNote": "CreditNoteTypeCode>381</cbc:CreditNote"}[kind]
    due = "<cbc:DueDate>2026-12-24</cbc:DueDate>" if kind == "Invoice" else ""
    groups = "".join(
        f'\n    <cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">{base}</cbc:TaxableAmount>'
        f'<cbc:TaxAmount currencyID="EUR">{part}</cbc:TaxAmount>'
        f"{_ubl_category('TaxCategory', category, rate, _REASONS.get(category, ''))}</cac:TaxSubtotal>"
        for (category, rate), (base, part) in _groups(lines).items()
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{kind} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>{EN16931}</cbc:CustomizationID>
  <cbc:ID>2026-0042</cbc:ID>
  <cbc:IssueDate>2026-11-24</cbc:IssueDate>
  {due}
  <cbc:{code}TypeCode>
  <cbc:Note>Danke für Ihren Auftrag.</cbc:Note>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cbc:BuyerReference>04011000-12345-34</cbc:BuyerReference>
  <cac:OrderReference><cbc:ID>PO 7</cbc:ID></cac:OrderReference>\
{_ubl_party("AccountingSupplierParty", "Aster GmbH", "Straße 1", "Berlin", "DE", "DE123456789" if vat else "")}\
{_ubl_party("AccountingCustomerParty", "Birch S.à r.l.", "Rue 2", "Łódź", "PL", "PL1234567890" if vat else "")}
  <cac:Delivery><cbc:ActualDeliveryDate>2026-11-20</cbc:ActualDeliveryDate><cac:DeliveryLocation><cac:Address>
    <cac:Country><cbc:IdentificationCode>PL</cbc:IdentificationCode></cac:Country></cac:Address></cac:DeliveryLocation>
  </cac:Delivery>
  <cac:PaymentMeans><cbc:PaymentMeansCode name="Credit transfer">58</cbc:PaymentMeansCode>
    <cbc:PaymentID>2026-0042</cbc:PaymentID>
    <cac:PayeeFinancialAccount><cbc:ID>DE89370400440532013000</cbc:ID><cbc:Name>Aster GmbH</cbc:Name>
    <cac:FinancialInstitutionBranch><cbc:ID>COBADEFFXXX</cbc:ID></cac:FinancialInstitutionBranch>
    </cac:PayeeFinancialAccount>
  </cac:PaymentMeans>
  <cac:PaymentTerms><cbc:Note>30 days net</cbc:Note></cac:PaymentTerms>
  <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount>{groups}
  </cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="EUR">{net}</cbc:LineExtensionAmount>
    <cbc:TaxExclusiveAmount currencyID="EUR">{net}</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="EUR">{net + tax}</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="EUR">{net + tax}</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>\
{"".join(_ubl_line(number, line, kind) for number, line in enumerate(lines, 1))}
</{kind}>
"""


def _cii_party(role: str, name: str, street: str, city: str, country: str, vat: str, *, short: bool = False) -> str:
    contact = "" if short else (
        "<ram:DefinedTradeContact><ram:PersonName>Åsa Ørsted</ram:PersonName><ram:EmailURIUniversalCommunication>"
        "<ram:URIID>asa@aster.example</ram:URIID></ram:EmailURIUniversalCommunication></ram:DefinedTradeContact>"
    )  # fmt: skip
    return f"""
      <ram:{role}><ram:Name>{name}</ram:Name>
        <ram:SpecifiedLegalOrganization><ram:ID>HRB 4711</ram:ID></ram:SpecifiedLegalOrganization>{contact}
        <ram:PostalTradeAddress><ram:PostcodeCode>10115</ram:PostcodeCode><ram:LineOne>{street}</ram:LineOne>
          <ram:CityName>{city}</ram:CityName><ram:CountryID>{country}</ram:CountryID></ram:PostalTradeAddress>
        <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">{vat}</ram:ID></ram:SpecifiedTaxRegistration>
      </ram:{role}>"""


def _cii_line(number: int, line: Line) -> str:
    return f"""
    <ram:IncludedSupplyChainTradeLineItem>
      <ram:AssociatedDocumentLineDocument><ram:LineID>{number}</ram:LineID></ram:AssociatedDocumentLineDocument>
      <ram:SpecifiedTradeProduct><ram:Name>{line.name}</ram:Name></ram:SpecifiedTradeProduct>
      <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>{line.price}</ram:ChargeAmount>
      </ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
      <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">{line.quantity}</ram:BilledQuantity>
      </ram:SpecifiedLineTradeDelivery>
      <ram:SpecifiedLineTradeSettlement>
        <ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode><ram:CategoryCode>{line.category}</ram:CategoryCode>
          <ram:RateApplicablePercent>{line.rate}</ram:RateApplicablePercent></ram:ApplicableTradeTax>
        <ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>{line.net}</ram:LineTotalAmount>
        </ram:SpecifiedTradeSettlementLineMonetarySummation>
      </ram:SpecifiedLineTradeSettlement>
    </ram:IncludedSupplyChainTradeLineItem>"""


def cii(lines: tuple[Line, ...] = PAPER, *, profile: str = EN16931, short: bool = False) -> str:
    """A `CrossIndustryInvoice` of the profile that `profile` names; `short` without what BASIC does not have."""
    net, tax = _totals(lines)
    groups = "".join(
        f"""
      <ram:ApplicableTradeTax><ram:CalculatedAmount>{part}</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>
        <ram:BasisAmount>{base}</ram:BasisAmount><ram:CategoryCode>{category}</ram:CategoryCode>
        <ram:RateApplicablePercent>{rate}</ram:RateApplicablePercent></ram:ApplicableTradeTax>"""
        for (category, rate), (base, part) in _groups(lines).items()
    )
    bank = "" if short else (
        "<ram:PayeeSpecifiedCreditorFinancialInstitution><ram:BICID>COBADEFFXXX</ram:BICID>"
        "</ram:PayeeSpecifiedCreditorFinancialInstitution>"
    )  # fmt: skip
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
  xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
  xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
  <rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>{profile}</ram:ID>
  </ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
  <rsm:ExchangedDocument><ram:ID>2026-0042</ram:ID><ram:TypeCode>380</ram:TypeCode>
    <ram:IssueDateTime><udt:DateTimeString format="102">20261124</udt:DateTimeString></ram:IssueDateTime>
    <ram:IncludedNote><ram:Content>Danke für Ihren Auftrag.</ram:Content></ram:IncludedNote></rsm:ExchangedDocument>
  <rsm:SupplyChainTradeTransaction>{"".join(_cii_line(number, line) for number, line in enumerate(lines, 1))}
    <ram:ApplicableHeaderTradeAgreement><ram:BuyerReference>04011000-12345-34</ram:BuyerReference>\
{_cii_party("SellerTradeParty", "Aster GmbH", "Straße 1", "Berlin", "DE", "DE123456789", short=short)}\
{_cii_party("BuyerTradeParty", "Birch S.à r.l.", "Rue 2", "Łódź", "PL", "PL1234567890", short=short)}
      <ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>PO 7</ram:IssuerAssignedID>
      </ram:BuyerOrderReferencedDocument>
    </ram:ApplicableHeaderTradeAgreement>
    <ram:ApplicableHeaderTradeDelivery><ram:ActualDeliverySupplyChainEvent><ram:OccurrenceDateTime>
      <udt:DateTimeString format="102">20261120</udt:DateTimeString></ram:OccurrenceDateTime>
    </ram:ActualDeliverySupplyChainEvent></ram:ApplicableHeaderTradeDelivery>
    <ram:ApplicableHeaderTradeSettlement><ram:PaymentReference>2026-0042</ram:PaymentReference>
      <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
      <ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>58</ram:TypeCode><ram:PayeePartyCreditorFinancialAccount>
        <ram:IBANID>DE89370400440532013000</ram:IBANID></ram:PayeePartyCreditorFinancialAccount>{bank}
      </ram:SpecifiedTradeSettlementPaymentMeans>{groups}
      <ram:SpecifiedTradePaymentTerms><ram:Description>30 days net</ram:Description><ram:DueDateDateTime>
        <udt:DateTimeString format="102">20261224</udt:DateTimeString></ram:DueDateDateTime>
      </ram:SpecifiedTradePaymentTerms>
      <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
        <ram:LineTotalAmount>{net}</ram:LineTotalAmount>
        <ram:TaxBasisTotalAmount>{net}</ram:TaxBasisTotalAmount>
        <ram:TaxTotalAmount currencyID="EUR">{tax}</ram:TaxTotalAmount>
        <ram:GrandTotalAmount>{net + tax}</ram:GrandTotalAmount>
        <ram:DuePayableAmount>{net + tax}</ram:DuePayableAmount>
      </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    </ram:ApplicableHeaderTradeSettlement>
  </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
"""


def factur_x(xml: bytes, *, name: str = "factur-x.xml", level: str = "EN 16931") -> bytes:
    """A PDF with the XML attached and announced, as Factur-X wants it; not PDF/A in its fonts and colours."""
    page, made = io.BytesIO(), io.BytesIO()
    canvas = Canvas(page, invariant=1)
    canvas.drawString(72, 760, "Invoice 2026-0042")
    canvas.save()
    with pikepdf.open(page) as pdf:
        spec = pikepdf.AttachedFileSpec(pdf, xml, filename=name, mime_type="text/xml", relationship=pikepdf.Name.Data)
        pdf.attachments[name] = spec
        pdf.Root.AF = pikepdf.Array([pdf.attachments[name].obj])
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            metadata.register_xml_namespace("urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#", "fx")
            metadata["fx:DocumentType"], metadata["fx:DocumentFileName"] = "INVOICE", name
            metadata["fx:Version"], metadata["fx:ConformanceLevel"] = "1.0", level
        pdf.save(made, deterministic_id=True)
    return made.getvalue()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in {
        "invoice-ubl.xml": ubl(),
        "credit-note-ubl.xml": ubl(kind="CreditNote"),
        "every-category-ubl.xml": ubl(EVERY_CATEGORY),
        "untaxed-ubl.xml": ubl(UNTAXED),
        "invoice-cii.xml": cii(),
    }.items():
        (FOLDER / path).write_text(text, encoding="utf-8")
    (FOLDER / "factur-x.pdf").write_bytes(factur_x(cii().encode()))
