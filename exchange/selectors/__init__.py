"""Reads. Those that look across tenants say so by `scopes_disabled` and are named for it."""

from exchange.selectors.hold_list import hold_choices, holds_list
from exchange.selectors.holds import deliveries_unheld, messages_unheld, people_held, tenant_holds_exist

__all__ = [
    "deliveries_unheld",
    "hold_choices",
    "holds_list",
    "messages_unheld",
    "people_held",
    "tenant_holds_exist",
]
