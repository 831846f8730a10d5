"""The recipient's side: mailboxes, deliveries, downloads."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.sealed import SealedText
from accounts.tenancy import TenantModel
from exchange.models.content import ContentModel
from exchange.models.message import Recipient


class Mailbox(TenantModel):
    """Where deliveries lie: one a person, and those that several people share under an address of its own."""

    class Kind(models.TextChoices):
        PERSONAL = "personal"
        SHARED = "shared"

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"  # takes nothing more; what it holds is kept until its retention ends

    kind = models.CharField(max_length=16, choices=Kind, default=Kind.PERSONAL)
    user = models.OneToOneField(User, null=True, on_delete=models.PROTECT, related_name="mailbox")
    address_sealed = models.BinaryField(default=b"")
    name_sealed = models.BinaryField(default=b"")
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)

    address = SealedText()
    name = SealedText()

    def __str__(self) -> str:
        return str(self.id)


class MailboxMember(TenantModel):
    """Who reads a mailbox. The owner of a personal one is a member of it like any other."""

    class Role(models.TextChoices):
        MEMBER = "member"
        ADMIN = "admin"

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mailboxes")
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "user"], name="exchange_mailbox_member_once")]

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
    downloads_most = models.PositiveIntegerField(null=True)
    archived_at = models.DateTimeField(null=True)
    recalled_at = models.DateTimeField(null=True)
    expiry_told_at = models.DateTimeField(null=True)  # three days before, while nobody had opened it
    erased_at = models.DateTimeField(null=True)  # retention has ended: no document is left

    sender_login = SealedText()
    sender_name = SealedText()
    sender_organisation = SealedText()
    subject = SealedText()
    note = SealedText()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "message_id"], name="exchange_delivery_once")]
        indexes = [
            models.Index(fields=["tenant", "mailbox", "-delivered_at", "id"]),
            models.Index(fields=["message_id"]),
            models.Index(fields=["state", "expires_at"]),
            models.Index(fields=["erased_at", "expires_at"]),
        ]

    def __str__(self) -> str:
        return str(self.id)


class DeliveredDocument(ContentModel):
    """A document as its recipient gets it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="documents")
    downloads = models.PositiveIntegerField(default=0)

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
            # One at a time: a resumed download is the same; another one after it was received counts anew.
            models.UniqueConstraint(
                fields=["user", "document", "kid", "purpose"],
                condition=Q(received_at=None),
                name="exchange_download_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
