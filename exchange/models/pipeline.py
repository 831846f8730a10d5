"""Saved instructions: named, versioned chains of steps."""

from django.db import models

from accounts.models import User
from accounts.sealed import SealedText
from accounts.tenancy import TenantModel


class Pipeline(TenantModel):
    """A chain of steps that an organisation's people choose by its name. A retired one is offered no more."""

    name_sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)

    name = SealedText()

    def __str__(self) -> str:
        return str(self.id)


class PipelineVersion(TenantModel):
    """What a pipeline was at a time; never changed, so that jobs can say what they ran."""

    pipeline = models.ForeignKey(Pipeline, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    steps_sealed = models.BinaryField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    steps = SealedText()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pipeline", "number"], name="exchange_pipeline_version_once")]

    def __str__(self) -> str:
        return f"{self.pipeline_id} {self.number}"
