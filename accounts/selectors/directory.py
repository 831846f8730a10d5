"""The address book of an organisation, opened: its people, mailboxes and groups, kept for seconds in this process."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django_scopes import scopes_disabled

from accounts.models import Address, Group, User

_CACHED_SECONDS = 20.0
_CACHED_TENANTS = 64
_RECEIVE = (User.Role.MEMBER, User.Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Entry:
    """An address with its name; `open_to_partners` only of groups that partners may send to."""

    id: UUID
    kind: str
    login: str
    name: str
    open_to_partners: bool

    def matches(self, words: list[str]) -> bool:
        """Whether each word begins a word of the name or stands in the login."""
        parts = self.name.lower().split()
        return all(word in self.login or any(part.startswith(word) for part in parts) for word in words)


class _Directories:
    """Opened entries by tenant: few, and for seconds, in memory alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[UUID, tuple[float, list[Entry]]] = OrderedDict()

    def get(self, tenant_id: UUID) -> list[Entry] | None:
        with self._lock:
            found = self._known.get(tenant_id)
            return found[1] if found and found[0] > time.monotonic() else None

    def put(self, tenant_id: UUID, entries: list[Entry]) -> None:
        with self._lock:
            self._known[tenant_id] = (time.monotonic() + _CACHED_SECONDS, entries)
            self._known.move_to_end(tenant_id)
            while len(self._known) > _CACHED_TENANTS:
                self._known.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._known.clear()


_directories = _Directories()
directories_forget = _directories.clear


def directories(tenant_ids: Iterable[UUID]) -> dict[UUID, list[Entry]]:
    """Everybody and everything of these organisations that can be sent to, by name; at most 20 seconds old.

    Two queries for all that are not known, however many.
    """
    found = {tenant_id: _directories.get(tenant_id) for tenant_id in tenant_ids}
    unknown = [tenant_id for tenant_id, entries in found.items() if entries is None]
    for tenant_id, entries in _opened(unknown).items():
        _directories.put(tenant_id, entries)
        found[tenant_id] = entries
    return {tenant_id: entries or [] for tenant_id, entries in found.items()}


def _opened(tenant_ids: list[UUID]) -> dict[UUID, list[Entry]]:
    if not tenant_ids:
        return {}
    with scopes_disabled():
        groups = Group.objects.filter(tenant_id__in=tenant_ids, partners_may_send=True)
        open_groups = set(groups.values_list("id", flat=True))
        people = User.objects.filter(tenant_id__in=tenant_ids, role__in=_RECEIVE).values("id")
        receiving = ~Q(kind=Address.Kind.PERSON) | Q(target__in=people)
        rows = list(Address.objects.filter(receiving, open=True, tenant_id__in=tenant_ids))
    opened: dict[UUID, list[Entry]] = {tenant_id: [] for tenant_id in tenant_ids}
    for row in rows:
        opened[row.tenant_id].append(Entry(row.target, row.kind, row.address, row.name, row.target in open_groups))
    for entries in opened.values():
        entries.sort(key=lambda entry: (entry.name.lower(), entry.login))
    return opened
