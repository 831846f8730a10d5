"""What happened: one chain a tenant."""

from django.db import models

from accounts.models.tenant import Tenant
from accounts.tenancy import TenantModel


class AuditHead(TenantModel):
    """The end of a tenant's chain. Who appends locks it; the last events cannot be cut off without its telling."""

    tenant = models.OneToOneField(Tenant, on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.BinaryField(max_length=32, default=bytes(32))
    checkpoint = models.BinaryField(max_length=32, default=bytes(32))  # digest of the last statement

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
        indexes = [
            models.Index(fields=["tenant", "at"]),
            models.Index(fields=["tenant", "action", "seq"]),
            models.Index(fields=["tenant", "actor", "seq"]),
            models.Index(fields=["tenant", "subject", "seq"]),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.seq}"


class AuditCheckpoint(TenantModel):
    """A signed statement of a chain up to `seq`: Merkle root over its events, its head, and the statement before."""

    seq = models.PositiveBigIntegerField()
    root = models.BinaryField(max_length=32)
    head = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    edge = models.BinaryField(default=b"")  # of the tree, so that the next one goes on from here
    at = models.DateTimeField()
    key = models.UUIDField()
    signature = models.BinaryField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "seq"], name="accounts_checkpoint_seq")]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.seq}"
