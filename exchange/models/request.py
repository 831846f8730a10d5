"""File requests: a link by which an outsider sends documents into a mailbox."""

from django.db import models

from accounts.models import User
from accounts.sealed import SealedText
from accounts.tenancy import TenantModel
from exchange.models.delivery import Mailbox


class FileRequest(TenantModel):
    """A link and a passphrase. Behind it stands a user of the role `depositor`, whose key the passphrase makes."""

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="requests")
    made_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="requests")
    depositor = models.OneToOneField(User, on_delete=models.CASCADE, related_name="request")
    title_sealed = models.BinaryField()
    note_sealed = models.BinaryField()
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    deposits_most = models.PositiveIntegerField()
    files_most = models.PositiveIntegerField()
    bytes_most = models.BigIntegerField()  # of one deposit, all documents together
    deposits = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    title = SealedText()
    note = SealedText()

    class Meta:
        indexes = [models.Index(fields=["state", "expires_at"])]

    def __str__(self) -> str:
        return str(self.id)
