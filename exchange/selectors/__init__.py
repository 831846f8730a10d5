"""Reads. Those that look across tenants say so by `scopes_disabled` and are named for it."""

from exchange.selectors.hold_list import hold_choices, holds_list
from exchange.selectors.holds import deliveries_unheld, messages_unheld, people_held, tenant_holds_exist
from exchange.selectors.jobs import Waiting, jobs_waiting, queue_depths

__all__ = [
    "Waiting",
    "deliveries_unheld",
    "hold_choices",
    "holds_list",
    "jobs_waiting",
    "messages_unheld",
    "people_held",
    "queue_depths",
    "tenant_holds_exist",
]
