"""`manage.py steps_check`: what this machine can do to documents, one plain line a step."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from exchange.steps.self_check import steps_check


class Command(BaseCommand):
    help = "Run each step on a small document: one line a step, exit code 1 if any failed."
    requires_system_checks: list[str] = []

    def handle(self, *_: Any, **options: Any) -> None:
        failed = False
        for check in steps_check():
            self.stdout.write(str(check))
            failed |= check.state == "failed"
        if failed:
            sys.exit(1)
