"""Reads. The few that must look across tenants say so by `scopes_disabled` and are named for it."""

from accounts.selectors.addresses import Target, address_index, addresses_reachable, group_people
from accounts.selectors.connections import partners_of, terms_between
from accounts.selectors.directory import Entry, directories, directories_forget
from accounts.selectors.guests import (
    address_is_guest,
    addresses_kept,
    addresses_taken,
    enrolled_for,
    guests_open,
    reachable_for,
)
from accounts.selectors.rules import rules_history, rules_set, rules_version
from accounts.selectors.sign_in import invitation_find, key_of, live_key, session_find, sign_in_key
from accounts.selectors.tenants import connected_tenants, tenants_find, users_by_id

__all__ = [
    "Entry",
    "Target",
    "address_index",
    "address_is_guest",
    "addresses_kept",
    "addresses_reachable",
    "addresses_taken",
    "connected_tenants",
    "directories",
    "directories_forget",
    "enrolled_for",
    "group_people",
    "guests_open",
    "invitation_find",
    "key_of",
    "live_key",
    "partners_of",
    "reachable_for",
    "rules_history",
    "rules_set",
    "rules_version",
    "session_find",
    "sign_in_key",
    "tenants_find",
    "terms_between",
    "users_by_id",
]
