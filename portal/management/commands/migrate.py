"""Django's `migrate`, as the role that owns the tables, and seeing every tenant's rows: it runs between releases."""

from typing import Any

from django.core.management.commands import migrate
from django_scopes import scopes_disabled

from portal.database.roles import migrate_role


class Command(migrate.Command):
    def handle(self, *arguments: Any, **options: Any) -> None:
        with migrate_role(), scopes_disabled():
            super().handle(*arguments, **options)
