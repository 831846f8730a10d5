"""Who and what the ids of an audit log are, as far as they are the organisation's own or its partners'."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar
from uuid import UUID

from accounts.models import AuditEvent, Group, Tenant, User
from accounts.selectors import partners_named
from exchange.models import Mailbox
from sealpost.errors import DecryptionError
from vault.errors import RingMissing

_Row = TypeVar("_Row")


def names_known(*, tenant: Tenant, events: Iterable[AuditEvent]) -> dict[str, str]:
    """Name by id of every person, mailbox, group, partner and the organisation itself that the events speak of.

    Four queries, however many events. What was erased has no name any more. The tenant's scope is active.
    """
    ids = {found for row in events for found in event_ids(row)}
    names: dict[str, str] = {}
    if tenant.id in ids:
        _name(names, tenant.id, tenant, _own_name)
    for user in User.objects.filter(id__in=ids):
        _name(names, user.id, user, user_name)
    for mailbox in Mailbox.objects.select_related("user").filter(id__in=ids):
        _name(names, mailbox.id, mailbox, _mailbox_name)
    for group in Group.objects.filter(id__in=ids):
        _name(names, group.id, group, _own_name)
    for partner_id, partner in partners_named(tenant_id=tenant.id, ids=ids):
        _name(names, partner_id, partner, _own_name)
    return names


def _name(names: dict[str, str], about: UUID, row: _Row, read: Callable[[_Row], str]) -> None:
    try:
        found = read(row)
    except (RingMissing, DecryptionError):
        return
    if found:
        names[str(about)] = found


def _own_name(row: Tenant | Group) -> str:
    return row.name


def user_name(user: User) -> str:
    """A person's name, or their login where they have given none. RingMissing."""
    return user.name or user.login


def _mailbox_name(mailbox: Mailbox) -> str:
    if mailbox.user:
        return f"mailbox of {user_name(mailbox.user)}"
    return mailbox.name or mailbox.address


def event_ids(row: AuditEvent) -> Iterator[UUID]:
    """Every id of an event: who, about what, and in its details."""
    yield from filter(None, (row.actor, row.subject))
    yield from _ids(row.details)


def _ids(value: Any) -> Iterator[UUID]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _ids(part)
    elif isinstance(value, str) and len(value) == 36:
        try:
            yield UUID(value)
        except ValueError:
            return


def event_shown(row: AuditEvent, event: Any, names: dict[str, str]) -> dict[str, Any]:
    """An event as API and export give it: what is hashed, its hashes, and names beside the ids."""
    own = {str(one) for one in event_ids(row)}
    return {
        "seq": event.seq,
        "at": event.at,
        "actor": str(event.actor) if event.actor else None,
        "action": event.action,
        "subject": str(event.subject) if event.subject else None,
        "details": event.details,
        "previous": bytes(row.previous).hex(),
        "hash": bytes(row.hash).hex(),
        "by": _by(row, names),
        "names": {one: names[one] for one in sorted(own) if one in names},
    }


def _by(row: AuditEvent, names: dict[str, str]) -> str:
    """Who did it: a person's name, `operator 3`, or nothing for what happened by itself."""
    if row.actor:
        return names.get(str(row.actor), "")
    operator = row.details.get("operator") if isinstance(row.details, dict) else None
    return f"operator {operator}" if isinstance(operator, (int, str)) and operator != "" else ""
