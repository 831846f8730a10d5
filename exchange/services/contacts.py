"""The address book: whom a user may send to, found as they type."""

from collections.abc import Iterator
from typing import Any

from accounts.models import Address, Connection, Tenant
from accounts.peer import Peer
from accounts.rules import Terms, rulings_of
from accounts.selectors import Entry, directories, partners_of, terms_between
from sealpost.crypto.kdf import login_normalise

_SHOWN = 20
_QUERY_MOST = 100
OWN, CONNECTED, SUSPENDED = "own", "connected", "suspended"


def contacts_search(*, peer: Peer, query: str) -> list[dict[str, Any]]:
    """At most 20 people, mailboxes and groups whose names begin with, or whose addresses hold, each word of the query.

    First those of the own organisation. Of partners, whom their policy and their terms show; those behind a suspended
    connection are shown as such and cannot be sent to now.
    """
    words = login_normalise(query[:_QUERY_MOST]).split()
    found: list[dict[str, Any]] = []
    for entry, tenant, state in _entries(peer):
        if entry.login != peer.user.login and entry.matches(words):
            found.append(
                {"login": entry.login, "name": entry.name, "tenant": tenant, "kind": entry.kind, "state": state}
            )
            if len(found) == _SHOWN:
                break
    return found


def _entries(peer: Peer) -> Iterator[tuple[Entry, str, str]]:
    partners = {tenant: state for tenant, state in partners_of(peer.tenant.id) if tenant.state in Tenant.OPEN}
    ids = [tenant.id for tenant in partners]
    terms, rulings = terms_between(sender_id=peer.tenant.id, recipient_ids=ids), rulings_of(ids)
    known = directories([peer.tenant.id, *ids])
    for entry in known[peer.tenant.id]:
        yield entry, peer.tenant.name, OWN
    for tenant, state in partners.items():
        shown = CONNECTED if state == Connection.State.ACTIVE else SUSPENDED
        for entry in _of_partner(known[tenant.id], rulings[tenant.id].policy.directory_shown, terms[tenant.id][1]):
            yield entry, tenant.name, shown


def _of_partner(entries: list[Entry], shows: str, incoming: Terms) -> Iterator[Entry]:
    if shows == "nobody":
        return
    for entry in entries:
        if entry.kind == Address.Kind.GROUP and not entry.open_to_partners:
            continue
        if shows == "mailboxes" and entry.kind == Address.Kind.PERSON:
            continue
        if incoming.recipients is None or entry.id in incoming.recipients:
            yield entry
