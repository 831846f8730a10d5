"""Organisations, their people, the keys they share with the server, and what happened."""

import uuid

from django.db import models
from django.db.models import F, Q

from accounts.sealed import SealedText
from accounts.tenancy import TenantModel


class Tenant(models.Model):
    """An organisation. Its name is sealed under its own ring."""

    class State(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name_sealed = models.BinaryField()
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)

    name = SealedText()

    def __str__(self) -> str:
        return str(self.id)


class User(TenantModel):
    """A person or a partner system. Found by `login_index` alone: the login itself is sealed."""

    class Role(models.TextChoices):
        MEMBER = "member"
        ADMIN = "admin"
        AUDITOR = "auditor"

    class State(models.TextChoices):
        INVITED = "invited"
        ACTIVE = "active"
        REMOVED = "removed"

    login_index = models.BinaryField(max_length=32, unique=True)
    login_sealed = models.BinaryField()
    name_sealed = models.BinaryField()
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)

    login = SealedText()
    name = SealedText()

    def __str__(self) -> str:
        return str(self.id)


class SharedKey(TenantModel):
    """One version of the key that a user shares with the server: K and the login keys, wrapped only."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="shared_keys")
    kid = models.BinaryField(max_length=16, unique=True)
    suite = models.PositiveSmallIntegerField()
    m = models.PositiveIntegerField()
    t = models.PositiveSmallIntegerField()
    p = models.PositiveSmallIntegerField()
    salt = models.BinaryField(max_length=16)
    wrapped_shared_key = models.BinaryField()
    wrapped_login_keys = models.BinaryField()
    issued = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(retired_at=None), name="accounts_one_live_key")
        ]

    def __str__(self) -> str:
        return str(self.id)


class Session(TenantModel):
    """A signed-in engine. Its keys follow from K and the transcript; nothing here can make them without K."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    shared_key = models.ForeignKey(SharedKey, on_delete=models.CASCADE, related_name="sessions")
    transcript = models.BinaryField(max_length=32)
    client_sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    client = SealedText()

    def __str__(self) -> str:
        return str(self.id)


class Invitation(TenantModel):
    """A link by which one person enrols once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    wrapped_secret = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)


class EnrolmentKey(models.Model):
    """The key pair to which enrolments are sealed; the private key lies wrapped."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    public = models.BinaryField(max_length=32)
    wrapped_private = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.id)


class Connection(models.Model):
    """Two organisations that may send to each other; `first` has the smaller id."""

    class State(models.TextChoices):
        ACTIVE = "active"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="accounts_connection_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="accounts_connection_ordered"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class AuditHead(TenantModel):
    """The end of a tenant's chain. Who appends locks it; the last events cannot be cut off without its telling."""

    tenant = models.OneToOneField(Tenant, on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.BinaryField(max_length=32, default=bytes(32))

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.seq}"


class AuditEvent(TenantModel):
    """One link of a tenant's chain: ids, codes and numbers, never content or names."""

    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.UUIDField(null=True)
    action = models.CharField(max_length=64)
    subject = models.UUIDField(null=True)
    details = models.JSONField(default=dict)
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "seq"], name="accounts_audit_seq")]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.seq}"
