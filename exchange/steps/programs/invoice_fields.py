"""What stands where in an invoice of UBL and of CII: one name for each, with the path to it in both syntaxes.

Paths are names of elements without their namespaces, and `@name` at the end for an attribute.
"""

from dataclasses import dataclass, field

from invoice_source import SYNTAXES
from lxml import etree

_Fields = dict[str, str]
# Beneath the party's own element.
_UBL_PARTY = {
    "name": "Party/PartyLegalEntity/RegistrationName", "trading_name": "Party/PartyName/Name",
    "street": "Party/PostalAddress/StreetName", "street_2": "Party/PostalAddress/AdditionalStreetName",
    "street_3": "Party/PostalAddress/AddressLine/Line", "post_code": "Party/PostalAddress/PostalZone",
    "city": "Party/PostalAddress/CityName", "region": "Party/PostalAddress/CountrySubentity",
    "country": "Party/PostalAddress/Country/IdentificationCode",
    "registered": "Party/PartyLegalEntity/CompanyID", "electronic": "Party/EndpointID",
    "contact": "Party/Contact/Name", "phone": "Party/Contact/Telephone", "mail": "Party/Contact/ElectronicMail",
}  # fmt: skip
_CII_PARTY = {
    "name": "Name", "trading_name": "SpecifiedLegalOrganization/TradingBusinessName",
    "street": "PostalTradeAddress/LineOne", "street_2": "PostalTradeAddress/LineTwo",
    "street_3": "PostalTradeAddress/LineThree", "post_code": "PostalTradeAddress/PostcodeCode",
    "city": "PostalTradeAddress/CityName", "region": "PostalTradeAddress/CountrySubDivisionName",
    "country": "PostalTradeAddress/CountryID",
    "registered": "SpecifiedLegalOrganization/ID", "electronic": "URIUniversalCommunication/URIID",
    "contact": "DefinedTradeContact/PersonName",
    "phone": "DefinedTradeContact/TelephoneUniversalCommunication/CompleteNumber",
    "mail": "DefinedTradeContact/EmailURIUniversalCommunication/URIID",
}  # fmt: skip
_UBL_HEAD = {
    "profile": "CustomizationID", "number": "ID", "issued": "IssueDate", "due": "DueDate",
    "currency": "DocumentCurrencyCode", "buyer_reference": "BuyerReference", "order": "OrderReference/ID",
    "contract": "ContractDocumentReference/ID", "project": "ProjectReference/ID",
    "preceding": "BillingReference/InvoiceDocumentReference/ID", "delivered": "Delivery/ActualDeliveryDate",
    "from": "InvoicePeriod/StartDate", "to": "InvoicePeriod/EndDate", "terms": "PaymentTerms/Note",
    "remittance": "PaymentMeans/PaymentID", "means": "PaymentMeans/PaymentMeansCode",
    "account": "PaymentMeans/PayeeFinancialAccount/ID", "account_name": "PaymentMeans/PayeeFinancialAccount/Name",
    "bank": "PaymentMeans/PayeeFinancialAccount/FinancialInstitutionBranch/ID",
    "mandate": "PaymentMeans/PaymentMandate/ID", "debited": "PaymentMeans/PaymentMandate/PayerFinancialAccount/ID",
    "payee": "PayeeParty/PartyName/Name",
}  # fmt: skip
_DOCUMENT, _TRADE = "ExchangedDocument", "SupplyChainTradeTransaction"
_AGREEMENT, _DELIVERY, _SETTLEMENT = (
    f"{_TRADE}/ApplicableHeaderTrade{part}" for part in ("Agreement", "Delivery", "Settlement")
)
_MEANS = f"{_SETTLEMENT}/SpecifiedTradeSettlementPaymentMeans"
_CII_HEAD = {
    "profile": "ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID", "number": f"{_DOCUMENT}/ID",
    "type": f"{_DOCUMENT}/TypeCode", "issued": f"{_DOCUMENT}/IssueDateTime/DateTimeString",
    "due": f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString",
    "currency": f"{_SETTLEMENT}/InvoiceCurrencyCode", "buyer_reference": f"{_AGREEMENT}/BuyerReference",
    "order": f"{_AGREEMENT}/BuyerOrderReferencedDocument/IssuerAssignedID",
    "contract": f"{_AGREEMENT}/ContractReferencedDocument/IssuerAssignedID",
    "project": f"{_AGREEMENT}/SpecifiedProcuringProject/ID",
    "preceding": f"{_SETTLEMENT}/InvoiceReferencedDocument/IssuerAssignedID",
    "delivered": f"{_DELIVERY}/ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString",
    "from": f"{_SETTLEMENT}/BillingSpecifiedPeriod/StartDateTime/DateTimeString",
    "to": f"{_SETTLEMENT}/BillingSpecifiedPeriod/EndDateTime/DateTimeString",
    "terms": f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/Description", "remittance": f"{_SETTLEMENT}/PaymentReference",
    "means": f"{_MEANS}/TypeCode", "account": f"{_MEANS}/PayeePartyCreditorFinancialAccount/IBANID",
    "account_other": f"{_MEANS}/PayeePartyCreditorFinancialAccount/ProprietaryID",
    "account_name": f"{_MEANS}/PayeePartyCreditorFinancialAccount/AccountName",
    "bank": f"{_MEANS}/PayeeSpecifiedCreditorFinancialInstitution/BICID",
    "mandate": f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/DirectDebitMandateID",
    "debited": f"{_MEANS}/PayerPartyDebtorFinancialAccount/IBANID", "payee": f"{_SETTLEMENT}/PayeeTradeParty/Name",
}  # fmt: skip
_UBL_TOTALS = {
    "lines": "LegalMonetaryTotal/LineExtensionAmount", "allowances": "LegalMonetaryTotal/AllowanceTotalAmount",
    "charges": "LegalMonetaryTotal/ChargeTotalAmount", "net": "LegalMonetaryTotal/TaxExclusiveAmount",
    "gross": "LegalMonetaryTotal/TaxInclusiveAmount", "paid": "LegalMonetaryTotal/PrepaidAmount",
    "rounding": "LegalMonetaryTotal/PayableRoundingAmount", "payable": "LegalMonetaryTotal/PayableAmount",
}  # fmt: skip
_SUMS = f"{_SETTLEMENT}/SpecifiedTradeSettlementHeaderMonetarySummation"
_CII_TOTALS = {
    "lines": f"{_SUMS}/LineTotalAmount", "allowances": f"{_SUMS}/AllowanceTotalAmount",
    "charges": f"{_SUMS}/ChargeTotalAmount", "net": f"{_SUMS}/TaxBasisTotalAmount",
    "gross": f"{_SUMS}/GrandTotalAmount", "paid": f"{_SUMS}/TotalPrepaidAmount",
    "rounding": f"{_SUMS}/RoundingAmount", "payable": f"{_SUMS}/DuePayableAmount",
}  # fmt: skip
_UBL_LINE = {
    "number": "ID", "note": "Note", "net": "LineExtensionAmount", "name": "Item/Name",
    "description": "Item/Description", "article": "Item/SellersItemIdentification/ID", "price": "Price/PriceAmount",
    "base": "Price/BaseQuantity", "category": "Item/ClassifiedTaxCategory/ID",
    "rate": "Item/ClassifiedTaxCategory/Percent",
}  # fmt: skip
_CII_LINE = {
    "number": "AssociatedDocumentLineDocument/LineID",
    "note": "AssociatedDocumentLineDocument/IncludedNote/Content",
    "net": "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount",
    "name": "SpecifiedTradeProduct/Name", "description": "SpecifiedTradeProduct/Description",
    "article": "SpecifiedTradeProduct/SellerAssignedID",
    "quantity": "SpecifiedLineTradeDelivery/BilledQuantity",
    "unit": "SpecifiedLineTradeDelivery/BilledQuantity@unitCode",
    "price": "SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount",
    "base": "SpecifiedLineTradeAgreement/NetPriceProductTradePrice/BasisQuantity",
    "category": "SpecifiedLineTradeSettlement/ApplicableTradeTax/CategoryCode",
    "rate": "SpecifiedLineTradeSettlement/ApplicableTradeTax/RateApplicablePercent",
}  # fmt: skip
_UBL_VAT = {
    "base": "TaxableAmount", "tax": "TaxAmount", "category": "TaxCategory/ID", "rate": "TaxCategory/Percent",
    "reason": "TaxCategory/TaxExemptionReason", "reason_code": "TaxCategory/TaxExemptionReasonCode",
}  # fmt: skip
_CII_VAT = {
    "base": "BasisAmount", "tax": "CalculatedAmount", "category": "CategoryCode", "rate": "RateApplicablePercent",
    "reason": "ExemptionReason", "reason_code": "ExemptionReasonCode",
}  # fmt: skip
_UBL_CHANGE = {
    "charge": "ChargeIndicator", "amount": "Amount", "reason": "AllowanceChargeReason",
    "reason_code": "AllowanceChargeReasonCode", "category": "TaxCategory/ID", "rate": "TaxCategory/Percent",
}  # fmt: skip
_CII_CHANGE = {
    "charge": "ChargeIndicator/Indicator", "amount": "ActualAmount", "reason": "Reason", "reason_code": "ReasonCode",
    "category": "CategoryTradeTax/CategoryCode", "rate": "CategoryTradeTax/RateApplicablePercent",
}  # fmt: skip


@dataclass
class Invoice:
    """Texts as the invoice has them, "" for what it has not; dates are ISO 8601."""

    syntax: str
    head: _Fields
    seller: _Fields
    buyer: _Fields
    totals: _Fields
    notes: list[str]
    attached: list[str]
    vat: list[_Fields]
    changes: list[_Fields]
    lines: list[tuple[_Fields, list[_Fields]]] = field(default_factory=list)


def _all(element: etree._Element, path: str) -> list[etree._Element]:
    """Every element that has the path; "." is the element itself."""
    return [element] if path == "." else element.findall("/".join(f"{{*}}{name}" for name in path.split("/")))


def _text(element: etree._Element, path: str) -> str:
    """Of the first element that has the path."""
    path, _, attribute = path.partition("@")
    found = next(iter(_all(element, path)), None)
    if found is None:
        return ""
    text = " ".join(str(found.get(attribute, "") if attribute else found.text or "").split())
    if found.get("format") == "102" and len(text) == 8:
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return text


def _texts(element: etree._Element, paths: _Fields) -> _Fields:
    return {name: _text(element, path) for name, path in paths.items()}


def _party(root: etree._Element, path: str, paths: _Fields, tax: tuple[str, str, str, str]) -> _Fields:
    """`tax`: the element of a registration, its number, its kind, and the kind that means VAT."""
    party = next(iter(_all(root, path)), None)
    if party is None:
        return dict.fromkeys([*paths, "vat", "tax"], "")
    said = _texts(party, paths) | {"vat": "", "tax": ""}
    where, number, kind, vat = tax
    for registration in _all(party, where):
        said["vat" if _text(registration, kind) == vat else "tax"] = _text(registration, number)
    return said


def _tax(root: etree._Element, path: str, currency: str) -> str:
    """The VAT in the invoice's currency, beside which there may be one in another."""
    amounts = sorted(_all(root, path), key=lambda one: one.get("currencyID", currency) != currency)
    return _text(amounts[0], ".") if amounts else ""


_UBL_TAX = ("Party/PartyTaxScheme", "CompanyID", "TaxScheme/ID", "VAT")
_CII_TAX = ("SpecifiedTaxRegistration", "ID", "ID@schemeID", "VA")


def invoice_fields(root: etree._Element) -> Invoice:
    """The invoice of a root element of one of the SYNTAXES."""
    syntax = SYNTAXES[root.tag]
    return _cii(root) if syntax == "cii" else _ubl(root, syntax)


def _ubl(root: etree._Element, syntax: str) -> Invoice:
    kind, quantity = ("Invoice", "Invoiced") if syntax == "ubl_invoice" else ("CreditNote", "Credited")
    head = _texts(root, _UBL_HEAD | {"type": f"{kind}TypeCode"})
    line = _UBL_LINE | {"quantity": f"{quantity}Quantity", "unit": f"{quantity}Quantity@unitCode"}
    return Invoice(
        syntax,
        head | {"due": head["due"] or _text(root, "PaymentMeans/PaymentDueDate")},
        _party(root, "AccountingSupplierParty", _UBL_PARTY, _UBL_TAX),
        _party(root, "AccountingCustomerParty", _UBL_PARTY, _UBL_TAX),
        _texts(root, _UBL_TOTALS) | {"tax": _tax(root, "TaxTotal/TaxAmount", head["currency"])},
        [_text(one, ".") for one in _all(root, "Note")],
        [_text(one, "ID") for one in _all(root, "AdditionalDocumentReference")],
        [_texts(one, _UBL_VAT) for one in _all(root, "TaxTotal/TaxSubtotal")],
        [_texts(one, _UBL_CHANGE) for one in _all(root, "AllowanceCharge")],
        [(_texts(one, line), [_texts(change, _UBL_CHANGE) for change in _all(one, "AllowanceCharge")])
         for one in _all(root, f"{kind}Line")],
    )  # fmt: skip


def _cii(root: etree._Element) -> Invoice:
    head = _texts(root, _CII_HEAD)
    changes = "SpecifiedTradeAllowanceCharge"
    return Invoice(
        "cii",
        head | {"account": head["account"] or head["account_other"]},
        _party(root, f"{_AGREEMENT}/SellerTradeParty", _CII_PARTY, _CII_TAX),
        _party(root, f"{_AGREEMENT}/BuyerTradeParty", _CII_PARTY, _CII_TAX),
        _texts(root, _CII_TOTALS) | {"tax": _tax(root, f"{_SUMS}/TaxTotalAmount", head["currency"])},
        [_text(one, "Content") for one in _all(root, f"{_DOCUMENT}/IncludedNote")],
        [_text(one, "IssuerAssignedID") for one in _all(root, f"{_AGREEMENT}/AdditionalReferencedDocument")],
        [_texts(one, _CII_VAT) for one in _all(root, f"{_SETTLEMENT}/ApplicableTradeTax")],
        [_texts(one, _CII_CHANGE) for one in _all(root, f"{_SETTLEMENT}/{changes}")],
        [(_texts(one, _CII_LINE),
          [_texts(change, _CII_CHANGE) for change in _all(one, f"SpecifiedLineTradeSettlement/{changes}")])
         for one in _all(root, f"{_TRADE}/IncludedSupplyChainTradeLineItem")],
    )  # fmt: skip
