"""The database backend of settings: each statement tells PostgreSQL which tenant's rows it may see.

The active scope of django-scopes becomes two settings that last for the transaction, which the policies read:
`app.tenant`, and `app.platform` where scopes are disabled. They travel in front of the statement in the same message,
so that they cost no round trip, and so that a statement outside a transaction has them too: the two together are one
transaction of their own. Nothing is left on the connection for whoever a pool gives it to next.
"""

import re
from typing import Any
from uuid import UUID

from django.db.backends.postgresql import base
from django.db.utils import NotSupportedError
from django_scopes import get_scope
from psycopg.pq import TransactionStatus
from psycopg.sql import Composable

_NOTHING = ("", "")
_UNKNOWN = None
_SENT = "SELECT set_config('app.tenant', '{}', true), set_config('app.platform', '{}', true); "
# What PostgreSQL runs in no transaction, and so not behind another statement; none of it reads rows of tenants.
_ALONE = re.compile(r"\s*(VACUUM|(CREATE|DROP) DATABASE|(CREATE|DROP|REINDEX)\b.*\bCONCURRENTLY)\b", re.I | re.S)


def _wanted() -> tuple[str, str]:
    """What `app.tenant` and `app.platform` must be for the active scope."""
    active = get_scope()
    if not active.get("_enabled", True):
        return "", "on"
    tenant = active.get("tenant")
    return (str(UUID(str(tenant.pk))), "") if tenant is not None else _NOTHING


class ScopedCursor(base.Cursor):
    """Sends what the scope asks for along with a statement, unless the transaction has it already.

    Where it is kept what a transaction has: on psycopg's connection, so that a new one begins with nothing. It is right
    after commit and rollback, because the first statement of a transaction finds the connection idle; after a rollback
    to a savepoint and after an error it is unknown, and sent again.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> "ScopedCursor":
        connection, wanted = self.connection, _wanted()
        status = connection.pgconn.transaction_status
        has = getattr(connection, "scope_sent", _UNKNOWN) if status == TransactionStatus.INTRANS else _NOTHING
        text = query.as_string(self) if isinstance(query, Composable) else query
        connection.scope_sent = _UNKNOWN
        alone = status == TransactionStatus.INERROR or _ALONE.match(text)
        if alone or has == wanted:
            super().execute(text, params, **options)
        else:
            super().execute(_SENT.format(*wanted) + text, params, **options)
            self.nextset()
        if not alone and text.lstrip()[:8].upper() != "ROLLBACK":
            connection.scope_sent = wanted
        return self

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise NotSupportedError("Only `execute` tells the database whose rows are meant.")

    executemany = copy = stream = _refuse


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with the cursor above everywhere."""

    def get_connection_params(self) -> dict[str, Any]:
        # What binds on the server cannot send two statements at once.
        return super().get_connection_params() | {"cursor_factory": ScopedCursor}

    def chunked_cursor(self) -> Any:
        """A plain cursor, also for `iterator()`: a named one would be read under whichever scope is active later, and
        belongs to a session, which a pool that works by transaction does not keep."""
        return self.cursor()
