"""Reads. The few that must look across tenants say so by `scopes_disabled` and are named for it."""

from accounts.selectors.addresses import Target, address_index, address_tenant, addresses_reachable, group_people
from accounts.selectors.colleagues import colleagues_find
from accounts.selectors.connections import partners_of, terms_between
from accounts.selectors.directory import Entry, directories, directories_forget
from accounts.selectors.events import event_known
from accounts.selectors.groups import by_name, group_find, group_shapes, person_shape
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
from accounts.selectors.tenants import connected_tenants, partners_named, tenants_all, tenants_find, users_by_id

__all__ = [
    "Entry",
    "Target",
    "address_index",
    "address_is_guest",
    "address_tenant",
    "addresses_kept",
    "addresses_reachable",
    "addresses_taken",
    "by_name",
    "colleagues_find",
    "connected_tenants",
    "directories",
    "directories_forget",
    "enrolled_for",
    "event_known",
    "group_find",
    "group_people",
    "group_shapes",
    "guests_open",
    "invitation_find",
    "key_of",
    "live_key",
    "partners_named",
    "partners_of",
    "person_shape",
    "reachable_for",
    "rules_history",
    "rules_set",
    "rules_version",
    "session_find",
    "sign_in_key",
    "tenants_all",
    "tenants_find",
    "terms_between",
    "users_by_id",
]
