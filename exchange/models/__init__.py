"""What is uploaded, sent, processed and delivered. Names, texts and hashes are sealed under the row's tenant."""

from exchange.models.content import Verdict
from exchange.models.delivery import DeliveredDocument, Delivery, Mailbox, Transfer
from exchange.models.job import Job, JobOutput
from exchange.models.message import Document, Message, Recipient
from exchange.models.upload import Upload, UploadPart

__all__ = [
    "DeliveredDocument",
    "Delivery",
    "Document",
    "Job",
    "JobOutput",
    "Mailbox",
    "Message",
    "Recipient",
    "Transfer",
    "Upload",
    "UploadPart",
    "Verdict",
]
