"""The transactional outbox of e-mail."""

from django.db import models

from accounts.models.user import User
from accounts.sealed import SealedText
from accounts.tenancy import TenantModel


class Notification(TenantModel):
    """A message by e-mail that is owed to somebody, written in the transaction of what it tells of.

    It names an event and holds no content. `key` makes one of what several transactions ask for.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"
        DROPPED = "dropped"

    key = models.CharField(max_length=120)
    event = models.CharField(max_length=40)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="notifications")
    address_sealed = models.BinaryField()  # where there is no user yet
    context_sealed = models.BinaryField()  # JSON: links, dates, the organisation's name; never content
    language = models.CharField(max_length=8, default="")
    digest = models.BooleanField(default=False)
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    run_after = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    address = SealedText()
    context = SealedText()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="accounts_notification_once")]
        indexes = [models.Index(fields=["state", "run_after"])]

    def __str__(self) -> str:
        return str(self.id)


class NotificationPreference(TenantModel):
    """How a person wants to hear of an event; without a row, the event's own default holds."""

    class Mode(models.TextChoices):
        AT_ONCE = "at_once"
        DIGEST = "digest"
        OFF = "off"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notification_preferences")
    event = models.CharField(max_length=40)
    mode = models.CharField(max_length=16, choices=Mode)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "event"], name="accounts_preference_once")]

    def __str__(self) -> str:
        return str(self.id)
