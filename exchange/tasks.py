"""What workers are asked to do. A task parses its one argument and calls one service."""

from uuid import UUID

from celery import shared_task

from accounts.services import checkpoints_make
from exchange import services


@shared_task
def job_run(job_id: str) -> None:
    services.job_turn_run(job_id=UUID(job_id))


@shared_task
def jobs_sweep() -> None:
    services.jobs_sweep()


@shared_task
def uploads_expire() -> None:
    services.uploads_expire()


@shared_task
def tenants_end() -> None:
    services.tenants_end()


@shared_task
def requests_expire() -> None:
    services.requests_expire()


@shared_task
def waiting_deliver() -> None:
    services.waiting_deliver()


@shared_task
def deliveries_expire() -> None:
    services.deliveries_expire()


@shared_task
def audit_checkpoints() -> None:
    checkpoints_make()


@shared_task
def expiries_warn() -> None:
    services.expiries_warn()


@shared_task
def retention_erase() -> None:
    services.retention_erase()


@shared_task
def orphans_erase() -> None:
    services.orphans_erase()
