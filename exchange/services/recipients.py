"""Whom a user may send to, checked before anything is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import Address, Tenant, User
from accounts.peer import Peer
from accounts.rules import quotas_of
from accounts.selectors import Target, address_index, addresses_kept, addresses_reachable, group_people
from accounts.services import address_mailable, guests_refusal, guests_rule
from exchange.errors import RecipientUnreachable, TooManyRecipients
from exchange.services.recipients_terms import targets_admitted

_NOBODY_IN_IT = (
    "A group has nobody in it who can receive. Nothing was sent; remove it, or ask an admin of its organisation."
)


@dataclass(frozen=True, slots=True)
class Addressee:
    """One mailbox to deliver to: that of a person, or a shared one; or an address outside, whoever's it is."""

    login: str
    name: str
    tenant: Tenant | None
    user_id: UUID | None
    mailbox_id: UUID | None
    address_index: bytes = b""


OUTSIDE = {"name": "", "tenant": "", "kind": "guest", "reachable": True}


def recipients_check(*, peer: Peer, logins: Sequence[str]) -> list[dict[str, Any]]:
    """Each login with whom it leads to where it can be reached, without saying why where not. PolicyRefused.

    One outside, whom this person may invite, is of kind `guest`, whoever's it is.
    """
    _count_check(peer, logins)
    found = targets_admitted(peer=peer, found=addresses_reachable(tenant_id=peer.tenant.id, addresses=logins))
    outside = _outside(peer, found) if not guests_refusal(peer) else {}
    return [
        {"login": login, **OUTSIDE}
        if login in outside
        else {
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
    outside = _outside(peer, found)
    missing = [login for login, target in found.items() if target is None]
    refusal = guests_refusal(peer)
    if outside and refusal:
        raise RecipientUnreachable(
            f"{refusal}, and a recipient is none of their people. Nothing was sent; check the address, or ask one of "
            "your organisation's admins, who can change the policy or connect the organisations.",
            logins=missing, **guests_rule(peer),
        )  # fmt: skip
    if lost := [login for login in missing if login not in outside]:
        raise RecipientUnreachable(logins=lost)
    targets = [target for target in found.values() if target]
    people = map(person_addressee, _group_people(targets))
    addressees = _once([*map(_addressee, targets), *people, *outside.values()])
    _count_check(peer, addressees)
    return addressees


def _outside(peer: Peer, found: dict[str, Target | None]) -> dict[str, Addressee]:
    """By login, those that lead to nobody whom this tenant may send to, could be mailed to, and are not its own."""
    indexes = {login: address_index(login) for login in found}
    kept = addresses_kept(tenant_id=peer.tenant.id, indexes=indexes.values())
    return {
        login: Addressee(login, login.partition("@")[0], None, None, None, index)
        for login, index in indexes.items()
        if found[login] is None and index not in kept and address_mailable(login)
    }


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
    return list({one.user_id or one.mailbox_id or one.address_index: one for one in addressees if one}.values())


def _count_check(peer: Peer, recipients: Sequence[object]) -> None:
    most = quotas_of(peer.tenant.id).recipients_max
    if len(recipients) > most:
        raise TooManyRecipients(limit=most)
