"""Organisations."""

import uuid

from django.db import models

from accounts.sealed import SealedText


class Tenant(models.Model):
    """An organisation, or the one person of a guest. Its name is sealed under its own ring."""

    class Kind(models.TextChoices):
        ORGANISATION = "organisation"
        GUEST = "guest"

    class State(models.TextChoices):
        CREATED = "created"
        ACTIVE = "active"
        SUSPENDED = "suspended"
        CLOSING = "closing"
        CLOSED = "closed"

    OPEN = (State.CREATED, State.ACTIVE)  # its people send and receive
    SIGNED_IN = (*OPEN, State.CLOSING)  # its people sign in; while it closes they read and fetch alone

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.ORGANISATION)
    name_sealed = models.BinaryField()
    state = models.CharField(max_length=16, choices=State, default=State.CREATED)
    language = models.CharField(max_length=8, default="en")
    created_at = models.DateTimeField(auto_now_add=True)
    closes_at = models.DateTimeField(null=True)

    name = SealedText()

    class Meta:
        indexes = [models.Index(fields=["state", "closes_at"])]

    def __str__(self) -> str:
        return str(self.id)
