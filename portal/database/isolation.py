"""Isolation as a whole: put in place after every `migrate`, and found in place before a process serves."""

from typing import Any

from django.db import connection, transaction
from django_scopes import scopes_disabled

from portal.database.append_only import APPEND_ONLY, rights_fault, rights_withhold
from portal.database.policies import policies_apply, policy_faults
from portal.database.roles import role_fault, role_grant, serving_role
from portal.database.same_tenant import constraints_apply, constraints_missing
from portal.database.triggers import triggers_apply, triggers_drop, triggers_missing
from portal.database.two_tenants import pair_triggers_apply, pair_triggers_missing
from sealpost.errors import SealpostError

_MIGRATE = "Run `manage.py migrate`"


class NotIsolated(SealpostError):
    """The database would show one organisation's rows to another."""

    code = "not_isolated"
    status = 500
    sentence = "The database does not keep organisations apart, so nothing was started."


def isolation_apply(**_: Any) -> None:
    """Receiver of post_migrate; where everything is as it should be it reads and changes nothing."""
    with scopes_disabled(), transaction.atomic():
        if connection.vendor == "sqlite":
            triggers_apply()
            return
        policies_apply()
        constraints_apply()
        pair_triggers_apply()
        if role := serving_role():
            role_grant(role)
            rights_withhold(role)


def isolation_suspend(*, plan: Any = (), **_: Any) -> None:
    """Receiver of pre_migrate: SQLite's triggers stand in the way of migrations."""
    if plan and connection.vendor == "sqlite":
        triggers_drop()


def isolation_check() -> None:
    """NotIsolated, with a sentence for whoever starts the process, unless the database keeps tenants apart."""
    if fault := _fault():
        raise NotIsolated(fault)


def _fault() -> str:
    return _fault_sqlite() if connection.vendor == "sqlite" else _fault_postgresql()


def _fault_sqlite() -> str:
    missing = triggers_missing()
    if not missing:
        return ""
    name = min(missing)
    kept = "the audit log as it is" if name.startswith(APPEND_ONLY) else "organisations apart"
    return f"the database lacks the trigger {name}, which keeps {kept}. {_MIGRATE}."


def _fault_postgresql() -> str:
    if fault := role_fault():
        return f"{fault}. Give it neither SUPERUSER nor BYPASSRLS; docs/operations.md says how the roles are made."
    if found := policy_faults():
        table, fault = min(found.items())
        return f"the table {table} {fault}, so organisations would not be kept apart. {_MIGRATE}."
    if lacking := constraints_missing():
        return f"the database lacks the constraint {min(lacking)[1]}, which keeps organisations apart. {_MIGRATE}."
    if missing := pair_triggers_missing():
        return f"the table {min(missing)} lacks its trigger, which keeps organisations apart. {_MIGRATE}."
    if fault := rights_fault():
        return f"{fault}, so the audit log could be altered. {_MIGRATE}."
    return ""
