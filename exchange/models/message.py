"""The sender's side: a message, its documents, its recipients."""

from django.db import models

from accounts.models import User
from accounts.sealed import SealedText
from accounts.tenancy import TenantModel
from exchange.models.content import ContentModel


class Message(TenantModel):
    """What a person sends, in the sender's tenant."""

    class State(models.TextChoices):
        PROCESSING = "processing"
        SENT = "sent"
        HELD = "held"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    sender = models.ForeignKey(User, on_delete=models.PROTECT, related_name="messages")
    key = models.UUIDField()
    subject_sealed = models.BinaryField()
    note_sealed = models.BinaryField()
    steps_sealed = models.BinaryField()
    state = models.CharField(max_length=16, choices=State, default=State.PROCESSING)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    subject = SealedText()
    note = SealedText()
    steps = SealedText()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "key"], name="exchange_message_once")]
        indexes = [models.Index(fields=["tenant", "sender", "-sent_at", "id"])]

    def __str__(self) -> str:
        return str(self.id)


class Document(ContentModel):
    """A document as its sender sent it."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="documents")

    name = SealedText()
    media_type = SealedText()
    sha256 = SealedText()
    steps = SealedText()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return str(self.id)


class Recipient(TenantModel):
    """The sender's side of a delivery: to whom, and how far it came."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        OPENED = "opened"
        DOWNLOADED = "downloaded"
        EXPIRED = "expired"
        REFUSED = "refused"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="recipients")
    user_id = models.UUIDField()
    login_sealed = models.BinaryField()
    name_sealed = models.BinaryField()
    organisation_sealed = models.BinaryField()
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    downloaded_at = models.DateTimeField(null=True)

    login = SealedText()
    name = SealedText()
    organisation = SealedText()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user_id"], name="exchange_recipient_once")]

    def __str__(self) -> str:
        return str(self.id)
