"""What is uploaded, sent, processed and delivered. Names, texts and hashes are sealed under the row's tenant."""

from exchange.models.content import Verdict
from exchange.models.delivery import DeliveredDocument, Delivery, Mailbox, MailboxMember, Transfer
from exchange.models.hold import LegalHold, Switch
from exchange.models.job import Job, JobOutput
from exchange.models.message import Document, Message, Recipient
from exchange.models.pipeline import Pipeline, PipelineVersion
from exchange.models.request import FileRequest
from exchange.models.upload import Upload, UploadPart

__all__ = [
    "DeliveredDocument",
    "Delivery",
    "Document",
    "FileRequest",
    "Job",
    "JobOutput",
    "LegalHold",
    "Mailbox",
    "MailboxMember",
    "Message",
    "Pipeline",
    "PipelineVersion",
    "Recipient",
    "Switch",
    "Transfer",
    "Upload",
    "UploadPart",
    "Verdict",
]
