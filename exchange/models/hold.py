"""Legal holds, and what operators have switched off."""

from django.db import models

from accounts.sealed import SealedText
from accounts.tenancy import TenantModel


class LegalHold(TenantModel):
    """While it stands, nothing of its target is erased: not by expiry, recall, retention or a closed account."""

    class Target(models.TextChoices):
        PERSON = "person"
        MAILBOX = "mailbox"
        MESSAGE = "message"

    kind = models.CharField(max_length=16, choices=Target)
    target = models.UUIDField()
    reason_sealed = models.BinaryField()
    placed_by = models.UUIDField()
    placed_at = models.DateTimeField(auto_now_add=True)
    lifted_by = models.UUIDField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lift_reason_sealed = models.BinaryField(default=b"")

    reason = SealedText()
    lift_reason = SealedText()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "target"], condition=models.Q(lifted_at=None), name="exchange_hold_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class Switch(models.Model):
    """What an operator has switched off everywhere: `jobs` (workers take none), or `step:NAME`."""

    name = models.CharField(max_length=60, primary_key=True)
    switched_by = models.CharField(max_length=40)
    switched_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name
