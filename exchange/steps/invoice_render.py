"""invoice.render: an invoice as pages that people read."""

from typing import Any

from exchange.sandbox import Limits
from exchange.steps.base import PDF, Product, Step, StepContext, step
from exchange.steps.invoices import INVOICES

_NOTE = "Made from the invoice's data. The invoice itself is the electronic document that this was made of."


@step(
    "invoice.render",
    title="Make electronic invoices readable",
    version=1,
    consumes=INVOICES,
    program="invoice_render",
    unit="invoices",
    sample="invoice.xml",
    limits=Limits(seconds=300, memory_mb=1024),
)
class InvoiceRender(Step):
    """A PDF of A4 pages shows seller, buyer, references, lines, allowances, VAT, totals and payment.

    It takes UBL 2.1 (Invoice, CreditNote), CII (CrossIndustryInvoice) and PDFs that carry one of them, as Factur-X and
    ZUGFeRD 2 do. Amounts are those of the invoice: nothing is computed or checked, which is what `invoice.validate` is
    for. The PDF takes the invoice's place, so send the invoice itself too where it has to be kept. Its words are
    English, its letters Latin, Greek and Cyrillic; others become question marks, which the report says.
    """

    def product(self, media_type: str) -> Product:
        return Product(PDF, ".pdf")

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        return {"note": _NOTE}
