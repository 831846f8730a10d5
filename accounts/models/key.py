"""The keys that users share with the server, and what signs them in."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.models.user import User
from accounts.sealed import SealedText
from accounts.tenancy import TenantModel


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
    second_factor_due = models.BooleanField(default=False)
    second_factor_at = models.DateTimeField(null=True)

    client = SealedText()

    def __str__(self) -> str:
        return str(self.id)


class Invitation(TenantModel):
    """A link by which one person enrols once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    made_by = models.UUIDField(null=True)
    wrapped_secret = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

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


class Reissue(TenantModel):
    """A new passphrase for somebody who has forgotten theirs: asked for by one admin, approved by another."""

    class State(models.TextChoices):
        REQUESTED = "requested"
        APPROVED = "approved"
        DECLINED = "declined"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="reissues")
    state = models.CharField(max_length=16, choices=State, default=State.REQUESTED)
    # Who: the uuid of a tenant's admin, or the number of an operator.
    requested_by = models.CharField(max_length=40)
    decided_by = models.CharField(max_length=40, default="")
    by_operators = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(state="requested"), name="accounts_one_reissue")
        ]

    def __str__(self) -> str:
        return str(self.id)


class SecondFactor(TenantModel):
    """A person's TOTP secret (RFC 6238), wrapped; unconfirmed until its first right code."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    wrapped_secret = models.BinaryField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.id)


class SecurityKey(TenantModel):
    """One of a person's security keys or passkeys (WebAuthn); its credential id and public key lie wrapped."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="security_keys")
    name_sealed = models.BinaryField()
    wrapped_credential = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    name = SealedText()

    def __str__(self) -> str:
        return str(self.id)


class RecoveryCode(TenantModel):
    """One of the codes that stand in for a lost second factor, each once; kept as a keyed hash."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    hash = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)
