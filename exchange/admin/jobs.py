"""Jobs: where they stand and why they wait. Never what the message is, nor what its steps are told."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.admin.pages import OrganisationFilter, TenantRowsPage
from exchange.admin.switches import off_said
from exchange.errors import HELD_SENTENCES
from exchange.models import Job
from exchange.selectors import jobs_waiting, queue_depths
from exchange.services import job_cancel_operator, job_retry_operator
from vault.admin.moves import Move
from vault.admin.pages import NOTHING, badge

State = Job.State
_ENDED = (State.DONE, State.CANCELLED)


class Phase(admin.SimpleListFilter):
    """What is not ended yet, unless all is asked for."""

    title = "phase"
    parameter_name = "phase"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("all", "All")]

    def choices(self, changelist: Any) -> Any:
        going, *others = super().choices(changelist)
        return [going | {"display": "Not ended"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset if self.value() == "all" else queryset.exclude(state__in=_ENDED)


def _retry(row: Job, operator: str) -> str:
    job_retry_operator(job_id=row.id, operator=operator)
    return "The job is tried again, with three attempts."


def _cancel(row: Job, operator: str) -> str:
    job_cancel_operator(job_id=row.id, operator=operator)
    return "Cancelled. A job that runs stops at its next step, unless it delivers before."


_MOVES = [
    Move(
        "retry",
        "Try again",
        "The job gets three attempts more, as if its sender had asked for it.",
        _retry,
        possible=lambda row: row.state == State.HELD,
    ),
    Move(
        "cancel",
        "Cancel",
        "The message is delivered to nobody, and its sender sees that it was cancelled. It cannot be taken up again.",
        _cancel,
        possible=lambda row: row.state not in _ENDED and not row.cancel_requested,
        harm=True,
    ),
]


class JobPage(TenantRowsPage):
    codes = ("jobs", "job")
    title = "Jobs"
    change_list_template = "operator/jobs.html"
    list_display = ["number", "organisation", "condition", "reason", "step", "attempts", "age", "created_at"]
    list_filter = [Phase, OrganisationFilter, "state"]
    ordering = ["created_at", "id"]
    moves = _MOVES

    def list_view(self, request: HttpRequest) -> HttpResponse:
        response = super().list_view(request)
        if isinstance(response, TemplateResponse) and response.context_data:
            response.context_data |= {"queues": queue_depths(), "states": jobs_waiting(), "off": off_said()}
        return response

    @admin.display(description="state", ordering="state")
    def condition(self, row: Job) -> Any:
        return badge(row.state)

    @admin.display(description="reason", ordering="code")
    def reason(self, row: Job) -> str:
        return row.code.replace("_", " ") or NOTHING

    @admin.display(description="age")
    def age(self, row: Job) -> str:
        return age_said(timezone.now() - row.created_at) if row.state not in _ENDED else NOTHING

    def facts(self, row: Job) -> list[tuple[str, Any]]:
        return [
            ("Organisation", self.organisation(row)),
            ("State", self.condition(row)),
            ("Reason", self.reason(row)),
            ("Its sender is told", HELD_SENTENCES.get(row.code) or (row.code and "which rule stopped it") or NOTHING),
            ("Queue", row.lane),
            ("Message", row.message_id),
            ("Step", row.step or NOTHING),
            ("Steps done", f"{row.position} of {row.of}"),
            ("Progress", _progress(row)),
            ("Attempts", row.attempts),
            ("Cancel asked for", "yes" if row.cancel_requested else "no"),
            ("Next try", row.run_after if row.state == State.QUEUED else NOTHING),
            ("A worker has it until", row.lease_until or NOTHING),
            ("Made", row.created_at),
        ]


def _progress(row: Job) -> str:
    if not row.total:
        return NOTHING
    if row.unit == "bytes":
        return f"{filesizeformat(row.done)} of {filesizeformat(row.total)}"
    return f"{row.done} of {row.total} {row.unit}"


def age_said(age: timedelta) -> str:
    """A time span in its largest unit: 12 s, 5 min, 3 h, 2 d."""
    seconds = max(int(age.total_seconds()), 0)
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
