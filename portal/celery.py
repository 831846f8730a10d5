"""The Celery application: a message carries a job's id and nothing else."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("sealpost")
app.conf.update(settings.CELERY)
app.autodiscover_tasks(["exchange"])
