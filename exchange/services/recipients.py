"""Whom a user may send to, checked before anything is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import Address, Tenant, User
from accounts.peer import Peer
from accounts.rules import quotas_of
from accounts.selectors import Target, addresses_reachable, group_people
from exchange.errors import RecipientUnreachable, TooManyRecipients
from exchange.services.recipients_terms import targets_admitted

_NOBODY_IN_IT = (
    "A group has nobody in it who can receive. Nothing was sent; remove it, or ask an admin of its organisation."
)


@dataclass(frozen=True, slots=True)
class Addressee:
    """One mailbox to deliver to: that of a person, or a shared one."""

    login: str
    name: str
    tenant: Tenant
    user_id: UUID | None
    mailbox_id: UUID | None


def recipients_check(*, peer: Peer, logins: Sequence[str]) -> list[dict[str, Any]]:
    """Each login with whom it leads to where it can be reached, without saying why where not. PolicyRefused."""
    _count_check(peer, logins)
    found = targets_admitted(peer=peer, found=addresses_reachable(tenant_id=peer.tenant.id, addresses=logins))
    return [
        {
            "login": login,
            "name": target.name if target else "",
            "tenant": target.tenant.name if target else "",
            "kind": target.kind if target else "",
            "reachable": target is not None,
        }
        for login, target in found.items()
    ]


def recipients_find(*, peer: Peer, logins: Sequence[str]) -> list[Addressee]:
    """The mailboxes behind these logins, each once; groups are taken apart.

    RecipientUnreachable with those that cannot be reached, TooManyRecipients, PolicyRefused.
    """
    _count_check(peer, logins)
    found = targets_admitted(peer=peer, found=addresses_reachable(tenant_id=peer.tenant.id, addresses=logins))
    if missing := [login for login, target in found.items() if target is None]:
        raise RecipientUnreachable(logins=missing)
    targets = [target for target in found.values() if target]
    addressees = _once([*map(_addressee, targets), *map(person_addressee, _group_people(targets))])
    _count_check(peer, addressees)
    return addressees


def person_addressee(user: User) -> Addressee:
    """A person's own mailbox."""
    return Addressee(user.login, user.name, user.tenant, user.id, None)


def _addressee(target: Target) -> Addressee | None:
    if target.kind == Address.Kind.GROUP:
        return None
    person = target.kind == Address.Kind.PERSON
    ids = (target.id, None) if person else (None, target.id)
    return Addressee(target.address, target.name, target.tenant, *ids)


def _group_people(targets: Sequence[Target]) -> list[User]:
    """Everybody in the groups among these targets. RecipientUnreachable for a group that nobody is in."""
    groups = {target.id: target.address for target in targets if target.kind == Address.Kind.GROUP}
    people = group_people(groups) if groups else {}
    if empty := [groups[group_id] for group_id, members in people.items() if not members]:
        raise RecipientUnreachable(_NOBODY_IN_IT, logins=empty)
    return [user for members in people.values() for user in members]


def _once(addressees: Iterable[Addressee | None]) -> list[Addressee]:
    return list({one.user_id or one.mailbox_id: one for one in addressees if one}.values())


def _count_check(peer: Peer, recipients: Sequence[object]) -> None:
    most = quotas_of(peer.tenant.id).recipients_max
    if len(recipients) > most:
        raise TooManyRecipients(limit=most)
