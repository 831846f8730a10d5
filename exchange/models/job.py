"""The work on a message."""

from django.db import models
from django.utils import timezone

from accounts.sealed import SealedText
from accounts.tenancy import TenantModel
from exchange.models.content import Verdict
from exchange.models.message import Message


class Job(TenantModel):
    """The work on a message. The database is the truth: a broker's message carries this id alone."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        HELD = "held"
        CANCELLED = "cancelled"

    class Lane(models.TextChoices):
        """Which workers do it: those for what takes moments, or those for what takes minutes."""

        FAST = "fast"
        HEAVY = "heavy"

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="job")
    lane = models.CharField(max_length=8, choices=Lane, default=Lane.FAST)
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    code = models.CharField(max_length=40, default="")
    # Of a message that a rule stopped: which rule, whose, and the id of a recipient of the organisation whose it is.
    objection = models.JSONField(default=dict)
    step = models.CharField(max_length=40, default="")
    position = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    unit = models.CharField(max_length=16, default="")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    run_after = models.DateTimeField()
    queued_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "run_after"]),
            models.Index(fields=["state", "lease_until"]),
            models.Index(fields=["tenant", "-started_at"]),
        ]

    def __str__(self) -> str:
        return str(self.id)


class JobOutput(TenantModel):
    """What one step made of one document, for all recipients or, where its text names them, for one.

    `item` is the key of the document that it was made of (exchange/services/job_chain.py), `part` its number where a
    step has made many. Without an object the document stays as it was.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="outputs")
    variant = models.CharField(max_length=36, default="")
    index = models.PositiveIntegerField()
    item = models.CharField(max_length=100)
    part = models.PositiveIntegerField(default=0)
    verdict = models.CharField(max_length=16, choices=Verdict, default=Verdict.PENDING)
    verdict_reason = models.CharField(max_length=32, default="")
    result = models.CharField(max_length=16)
    version = models.PositiveIntegerField(default=0)  # of the step's definition
    milliseconds = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    object = models.UUIDField(null=True, db_index=True)
    size = models.BigIntegerField(default=0)
    name_sealed = models.BinaryField(default=b"")
    sha256_sealed = models.BinaryField()
    media_type_sealed = models.BinaryField()
    report_sealed = models.BinaryField()

    name = SealedText()
    sha256 = SealedText()
    media_type = SealedText()
    report = SealedText()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "variant", "index", "item", "part"], name="exchange_output_once")
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.index}"
