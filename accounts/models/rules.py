"""Policies and quotas, every version of them."""

import json
from typing import Any

from django.db import models

from accounts.sealed import SealedText
from accounts.tenancy import TenantModel
from vault.errors import RingMissing

STEPS = "mandatory_steps"


class RulesKind(models.TextChoices):
    POLICY = "policy"
    QUOTAS = "quotas"


class TenantRules(TenantModel):
    """One version of a policy or of quotas; the highest holds. `members` gives what differs from the platform.

    Parameters of steps may be instruction texts, so they lie apart, sealed, in the order of the steps.
    """

    kind = models.CharField(max_length=16, choices=RulesKind)
    version = models.PositiveIntegerField()
    members = models.JSONField(default=dict)
    parameters_sealed = models.BinaryField(default=b"")
    changed_by = models.CharField(max_length=40)  # the uuid of an admin, or the number of an operator
    changed_at = models.DateTimeField(auto_now_add=True)

    parameters = SealedText()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "version"], name="accounts_rules_once")]

    def whole(self) -> dict[str, Any]:
        """The members with the parameters of their steps; without such steps where the tenant's keys are gone."""
        if STEPS not in self.members:
            return dict(self.members)
        try:
            sealed = json.loads(self.parameters or "[]")
        except RingMissing:
            return self.members | {STEPS: []}
        steps = [item | {"parameters": given} for item, given in zip(self.members[STEPS], sealed, strict=True)]
        return self.members | {STEPS: steps}

    def fill(self, members: dict[str, Any]) -> None:
        """Take members, with the parameters of their steps; `id` and `tenant` are set before."""
        self.members = dict(members)
        if STEPS in members:
            self.members[STEPS] = [{"step": item["step"]} for item in members[STEPS]]
            self.parameters = json.dumps([item.get("parameters", {}) for item in members[STEPS]], sort_keys=True)

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
