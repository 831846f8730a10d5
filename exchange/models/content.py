"""What every stored document is."""

from django.db import models

from accounts.tenancy import TenantModel


class Verdict(models.TextChoices):
    PENDING = "pending"
    CLEAN = "clean"
    INFECTED = "infected"
    NOT_SCANNED = "not_scanned"


class ContentModel(TenantModel):
    """What a stored document is."""

    object = models.UUIDField(db_index=True)
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
