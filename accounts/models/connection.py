"""Which organisations may send to each other, and on what terms."""

import uuid

from django.db import models
from django.db.models import F, Q

from accounts.models.tenant import Tenant
from accounts.sealed import SealedText
from accounts.tenancy import TenantModel


class Connection(models.Model):
    """Two organisations that may send to each other; `first` has the smaller id."""

    class State(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    # Which of the two suspended it, and alone may resume it.
    first_suspended = models.BooleanField(default=False)
    second_suspended = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="accounts_connection_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="accounts_connection_ordered"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ConnectionTerms(TenantModel):
    """What one side allows over a connection in one direction; `members` is an accounts.rules.Terms."""

    class Direction(models.TextChoices):
        OUT = "out"
        IN = "in"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="terms")
    direction = models.CharField(max_length=8, choices=Direction)
    members = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "tenant", "direction"], name="accounts_terms_once")
        ]

    def __str__(self) -> str:
        return str(self.id)


class ConnectionProposal(TenantModel):
    """An admin's wish to connect with the organisation behind an address, which may be no organisation's at all.

    Who proposes is not told which it is; the admins of the address's tenant find the proposal by its index.
    """

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    index = models.BinaryField(max_length=32, db_index=True)
    address_sealed = models.BinaryField()
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    proposed_by = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    address = SealedText()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "index"], condition=Q(state="open"), name="accounts_one_proposal")
        ]

    def __str__(self) -> str:
        return str(self.id)
