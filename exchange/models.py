"""What is uploaded, sent, processed and delivered. Names, texts and hashes are sealed under the row's tenant."""

from django.db import models

from accounts.models import User
from accounts.sealed import SealedText
from accounts.tenancy import TenantModel


class Verdict(models.TextChoices):
    PENDING = "pending"
    CLEAN = "clean"
    INFECTED = "infected"
    NOT_SCANNED = "not_scanned"


class Mailbox(TenantModel):
    """Where deliveries lie: one a person."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="mailbox")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.id)


class Upload(TenantModel):
    """Content on its way in (docs/protocol.md, section 10.1). A transfer id serves once, even when discarded."""

    class State(models.TextChoices):
        OPEN = "open"
        COMPLETE = "complete"
        USED = "used"
        DISCARDED = "discarded"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="uploads")
    transfer = models.UUIDField()
    kid = models.BinaryField(max_length=16)
    object = models.UUIDField(null=True)
    size = models.BigIntegerField()
    header = models.BinaryField(max_length=40)
    name_sealed = models.BinaryField()
    media_type_sealed = models.BinaryField()
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    name = SealedText()
    media_type = SealedText()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "transfer"], name="exchange_transfer_once")]
        indexes = [models.Index(fields=["state", "expires_at"])]

    def __str__(self) -> str:
        return str(self.id)


class UploadPart(TenantModel):
    """Which bytes a part has: SHA-256 over the tags of its segments, kept before the first is written."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    tags_digest = models.BinaryField(max_length=32)
    stored_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="exchange_part_once")]

    def __str__(self) -> str:
        return f"{self.upload_id} {self.number}"


class ContentModel(TenantModel):
    """What a stored document is."""

    object = models.UUIDField()
    name_sealed = models.BinaryField()
    media_type_sealed = models.BinaryField()
    sha256_sealed = models.BinaryField()
    steps_sealed = models.BinaryField()
    size = models.BigIntegerField()
    verdict = models.CharField(max_length=16, choices=Verdict, default=Verdict.PENDING)
    verdict_reason = models.CharField(max_length=32, default="")
    type_agrees = models.BooleanField(default=True)
    position = models.PositiveIntegerField()

    class Meta:
        abstract = True


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


class Job(TenantModel):
    """The work on a message. The database is the truth: a broker's message carries this id alone."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        HELD = "held"
        CANCELLED = "cancelled"

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="job")
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    code = models.CharField(max_length=40, default="")
    step = models.CharField(max_length=40, default="")
    position = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    unit = models.CharField(max_length=16, default="")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    run_after = models.DateTimeField()
    queued_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["state", "run_after"]), models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return str(self.id)


class JobOutput(TenantModel):
    """What one step made of one document, for all recipients or, where its text names them, for one."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="outputs")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="outputs")
    variant = models.CharField(max_length=36, default="")
    index = models.PositiveIntegerField()
    result = models.CharField(max_length=16)
    object = models.UUIDField(null=True)
    size = models.BigIntegerField(default=0)
    sha256_sealed = models.BinaryField()
    media_type_sealed = models.BinaryField()
    report_sealed = models.BinaryField()

    sha256 = SealedText()
    media_type = SealedText()
    report = SealedText()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "document", "variant", "index"], name="exchange_output_once")
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.index}"
