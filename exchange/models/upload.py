"""Content on its way in."""

from django.db import models

from accounts.models import User
from accounts.sealed import SealedText
from accounts.tenancy import TenantModel


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
    object = models.UUIDField(null=True, db_index=True)
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
