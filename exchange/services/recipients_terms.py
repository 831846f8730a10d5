"""Who may send to whom over a connection, by the terms of both its sides."""

from collections.abc import Mapping
from uuid import UUID

from django_scopes import scope

from accounts.errors import PolicyRefused
from accounts.models import User
from accounts.peer import Peer
from accounts.rules import Terms
from accounts.selectors import Target, terms_between
from accounts.services import sender_allowed

_NOBODY = UUID(int=0)  # asked for where nobody was found, so that this costs the same queries


def targets_admitted(*, peer: Peer, found: Mapping[str, Target | None]) -> dict[str, Target | None]:
    """What was found, without those whom a partner's own terms let nobody of ours reach: as if they were not there.

    PolicyRefused where our own organisation's terms do not let this person send over a connection.
    """
    partners = {target.tenant.id: target.tenant for target in found.values() if target}
    partners.pop(peer.tenant.id, None)
    terms = terms_between(sender_id=peer.tenant.id, recipient_ids=partners or [_NOBODY])
    with scope(tenant=peer.tenant):
        for tenant_id, (outgoing, _) in terms.items():
            if tenant_id in partners and not sender_allowed(user=peer.user, terms=outgoing):
                raise PolicyRefused(
                    f"Your organisation lets only some of its people send to {partners[tenant_id].name}, and you are "
                    "not among them. Nothing was sent; one of your organisation's admins can change it.",
                    policy="senders", set_by="connection",
                )  # fmt: skip
    return {login: target if target and _open(target, terms) else None for login, target in found.items()}


def targets_open(*, sender: User, found: Mapping[str, Target | None]) -> dict[str, Target | None]:
    """What was found, without those whom the terms of either side keep from this sender. Within the sender's scope."""
    partners = {target.tenant.id for target in found.values() if target} - {sender.tenant_id}
    terms = terms_between(sender_id=sender.tenant_id, recipient_ids=partners)
    shut = {tenant_id for tenant_id, both in terms.items() if not sender_allowed(user=sender, terms=both[0])}

    def admitted(target: Target) -> bool:
        return target.tenant.id not in shut and _open(target, terms)

    return {login: target if target and admitted(target) else None for login, target in found.items()}


def _open(target: Target, terms: Mapping[UUID, tuple[Terms, Terms]]) -> bool:
    """Whether the other side's terms let this one be reached."""
    both = terms.get(target.tenant.id)
    named = both[1].recipients if both else None
    return named is None or target.id in named
