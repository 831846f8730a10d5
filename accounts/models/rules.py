"""Policies and quotas, every version of them."""

from django.db import models

from accounts.tenancy import TenantModel


class RulesKind(models.TextChoices):
    POLICY = "policy"
    QUOTAS = "quotas"


class TenantRules(TenantModel):
    """One version of a policy or of quotas; the highest holds. `members` gives what differs from the platform."""

    kind = models.CharField(max_length=16, choices=RulesKind)
    version = models.PositiveIntegerField()
    members = models.JSONField(default=dict)
    changed_by = models.CharField(max_length=40)  # the uuid of an admin, or the number of an operator
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "version"], name="accounts_rules_once")]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.kind} {self.version}"


class PlatformRules(models.Model):
    """One version of the platform's defaults, set by an operator."""

    kind = models.CharField(max_length=16, choices=RulesKind)
    version = models.PositiveIntegerField()
    members = models.JSONField(default=dict)
    changed_by = models.CharField(max_length=40)
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="accounts_platform_rules_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"
