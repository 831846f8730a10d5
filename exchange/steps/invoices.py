"""What the steps for invoices have in common."""

from exchange.steps.base import PDF

XML = "application/xml"
INVOICES = {XML, "text/xml", PDF}
