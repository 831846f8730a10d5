"""The Celery application: a message carries a job's id and nothing else."""

import os

from celery import Celery
from celery.signals import worker_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("sealpost")
app.conf.update(settings.CELERY)
app.autodiscover_tasks(["accounts", "exchange"])


@worker_init.connect
def _worker_check(**_: object) -> None:
    # Models are not there yet when this module is read.
    from portal.start_check import sandbox_check, start_check, swap_check  # noqa: PLC0415

    start_check()
    sandbox_check()
    swap_check()
