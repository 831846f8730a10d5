"""The sender's side: a message, its documents, its recipients."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.sealed import SealedText
from accounts.tenancy import TenantModel
from exchange.models.content import ContentModel


class Message(TenantModel):
    """What a person sends, in the sender's tenant; of kind "run", stored documents that are processed for them."""

    class Kind(models.TextChoices):
        MESSAGE = "message"
        RUN = "run"

    class State(models.TextChoices):
        PROCESSING = "processing"
        SENT = "sent"
        HELD = "held"
        CANCELLED = "cancelled"
        RECALLED = "recalled"
        EXPIRED = "expired"

    sender = models.ForeignKey(User, on_delete=models.PROTECT, related_name="messages")
    key = models.UUIDField()
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.MESSAGE)
    pipeline = models.ForeignKey("exchange.PipelineVersion", null=True, on_delete=models.PROTECT, related_name="+")
    subject_sealed = models.BinaryField()
    note_sealed = models.BinaryField()
    steps_sealed = models.BinaryField()
    state = models.CharField(max_length=16, choices=State, default=State.PROCESSING)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # recalled or cancelled; one that expires ends at `expires_at`
    downloads_most = models.PositiveIntegerField(null=True)  # of each document by each recipient; null: no limit
    archived_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    # Of a deposit: what the outsider calls themselves, and the session that made it and alone may ask after it.
    depositor_sealed = models.BinaryField(default=b"")
    session_id = models.UUIDField(null=True)

    subject = SealedText()
    note = SealedText()
    steps = SealedText()
    depositor = SealedText()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "key"], name="exchange_message_once")]
        indexes = [
            models.Index(fields=["tenant", "sender", "-sent_at", "id"]),
            models.Index(fields=["erased_at", "expires_at"]),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Document(ContentModel):
    """A document as its sender sent it."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="documents")
    # Of a run on what was received: the delivery that it was received by, whose recall ends the run and its result.
    origin_id = models.UUIDField(null=True, db_index=True)

    name = SealedText()
    media_type = SealedText()
    sha256 = SealedText()
    steps = SealedText()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return str(self.id)


class Recipient(TenantModel):
    """The sender's side of a delivery: to whom, and how far it came.

    A person by `user_id`, a shared mailbox by `mailbox_id`; neither while an invited guest has not enrolled, whose row
    is found by `address_index`.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        INVITED = "invited"
        DELIVERED = "delivered"
        OPENED = "opened"
        DOWNLOADED = "downloaded"
        EXPIRED = "expired"
        RECALLED = "recalled"
        REFUSED = "refused"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="recipients")
    user_id = models.UUIDField(null=True)
    mailbox_id = models.UUIDField(null=True)
    address_index = models.BinaryField(max_length=32, default=b"", db_index=True)
    login_sealed = models.BinaryField()
    name_sealed = models.BinaryField()
    organisation_sealed = models.BinaryField()
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    downloaded_at = models.DateTimeField(null=True)
    recalled_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    expiry_told_at = models.DateTimeField(null=True)  # of an invitation that nobody has taken
    downloads = models.PositiveIntegerField(default=0)  # begun downloads of its documents, all together

    login = SealedText()
    name = SealedText()
    organisation = SealedText()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "user_id"], condition=Q(user_id__isnull=False), name="exchange_recipient_once"
            ),
            models.UniqueConstraint(
                fields=["message", "mailbox_id"],
                condition=Q(mailbox_id__isnull=False),
                name="exchange_recipient_mailbox_once",
            ),
            models.UniqueConstraint(
                fields=["message", "address_index"],
                condition=~Q(address_index=b""),
                name="exchange_recipient_address_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
