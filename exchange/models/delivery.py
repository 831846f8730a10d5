"""The recipient's side: mailboxes, deliveries, downloads."""

from django.db import models

from accounts.models import User
from accounts.sealed import SealedText
from accounts.tenancy import TenantModel
from exchange.models.content import ContentModel
from exchange.models.message import Recipient


class Mailbox(TenantModel):
    """Where deliveries lie: one a person."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="mailbox")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.id)


class Delivery(TenantModel):
    """The recipient's side, whole in the recipient's tenant: it outlives the sender's."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="deliveries")
    message_id = models.UUIDField()
    recipient_id = models.UUIDField()
    sender_login_sealed = models.BinaryField()
    sender_name_sealed = models.BinaryField()
    sender_organisation_sealed = models.BinaryField()
    subject_sealed = models.BinaryField()
    note_sealed = models.BinaryField()
    state = models.CharField(max_length=16, choices=Recipient.State, default=Recipient.State.DELIVERED)
    sent_at = models.DateTimeField()
    delivered_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    downloaded_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    sender_login = SealedText()
    sender_name = SealedText()
    sender_organisation = SealedText()
    subject = SealedText()
    note = SealedText()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "message_id"], name="exchange_delivery_once")]
        indexes = [
            models.Index(fields=["tenant", "mailbox", "-delivered_at", "id"]),
            models.Index(fields=["state", "expires_at"]),
        ]

    def __str__(self) -> str:
        return str(self.id)


class DeliveredDocument(ContentModel):
    """A document as its recipient gets it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="documents")

    name = SealedText()
    media_type = SealedText()
    sha256 = SealedText()
    steps = SealedText()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return str(self.id)


class Transfer(TenantModel):
    """A download: its header is kept, so that a resumed one continues identical bytes (section 10.2)."""

    class Purpose(models.TextChoices):
        SAVE = "save"
        PREVIEW = "preview"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="transfers")
    document = models.UUIDField()
    delivered = models.ForeignKey(DeliveredDocument, null=True, on_delete=models.CASCADE, related_name="transfers")
    kid = models.BinaryField(max_length=16)
    object = models.UUIDField()
    size = models.BigIntegerField()
    header = models.BinaryField(max_length=40)
    purpose = models.CharField(max_length=16, choices=Purpose)
    received_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "document", "kid", "purpose"], name="exchange_download_once")
        ]

    def __str__(self) -> str:
        return str(self.id)
