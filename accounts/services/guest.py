"""Guests: people of no organisation, each alone in a tenant with keys of its own. Nobody pays for them in people."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.errors import GuestNeedless, InvitationUnknown, LoginInvalid, LoginTaken, PolicyRefused
from accounts.models import Invitation, Tenant, User
from accounts.peer import Peer
from accounts.rules import policy_of, ruling_of
from accounts.sealed import tenant_owner
from accounts.selectors import address_index, addresses_reachable, addresses_taken
from accounts.selectors.guests import PASSED_ON
from accounts.services.address import address_check
from accounts.services.enrolment import enrolment_key, invitation_check
from accounts.services.event_record import chains_lock, event_record
from accounts.services.shared_key import bundle_of, shared_key_store
from accounts.services.user_create import passphrase_new, user_add
from sealpost.protocol.enrolment import link_new
from sealpost.protocol.keys import password_keys
from vault.services import ring_create, secret_wrap

_LIFE = timedelta(days=14)
_POLICY = "guests_invited_by"
_NOT_ADDRESSED = ".invalid"  # RFC 2606: never anybody's
_REFUSALS = {
    "nobody": "Your organisation's policy (guests_invited_by) lets nobody send outside it and its partners",
    "admins": "Your organisation's policy (guests_invited_by) lets its admins alone send outside it and its partners",
}


def guests_refusal(peer: Peer) -> str:
    """Why this person may not invite guests, as half a sentence that names the policy; empty where they may."""
    rule = policy_of(peer.tenant.id).guests_invited_by
    if rule == "members" or (rule == "admins" and peer.user.role == User.Role.ADMIN):
        return ""
    return _REFUSALS[rule]


def guests_rule(peer: Peer) -> dict[str, Any]:
    """Members of a refusal: the policy's name and whose it is."""
    return {"policy": _POLICY, "set_by": ruling_of(peer.tenant.id).set_by(_POLICY)}


def address_mailable(address: str) -> bool:
    """Whether a mail could be sent there at all."""
    try:
        return not address_check(address).endswith(_NOT_ADDRESSED)
    except LoginInvalid:
        return False


@transaction.atomic
def guest_create(*, address: str, name: str = "") -> User:
    """A guest who has no key yet, in a new tenant with a new ring. LoginTaken, LoginInvalid; nothing is left then."""
    tenant = Tenant(kind=Tenant.Kind.GUEST, state=Tenant.State.ACTIVE)
    ring_create(owner=tenant_owner(tenant.id))
    tenant.name = name.strip() or address.partition("@")[0]
    with scope(tenant=tenant):
        tenant.save(force_insert=True)
        guest = user_add(tenant=tenant, login=address, name=name, role=User.Role.GUEST, state=User.State.INVITED)
        details = {"role": guest.role}
        event_record(tenant_id=tenant.id, actor=None, action="user.invited", subject=guest.id, details=details)
    return guest


def guest_link(*, guest: User, made_by: UUID) -> str:
    """A new link for a guest; its fragment. The links before it stay: each is in a mail that somebody may open first.

    The caller holds the guest's scope and a transaction.
    """
    row = Invitation(tenant_id=guest.tenant_id, user=guest, made_by=made_by, expires_at=timezone.now() + _LIFE)
    link = link_new(row.id, public_key=enrolment_key()[1])
    owner = tenant_owner(guest.tenant_id)
    row.wrapped_secret = secret_wrap(owner=owner, purpose="invitation", row=str(row.id), secret=link.secret)
    row.save(force_insert=True)
    return link.fragment()


def guest_links_withdraw(*, guest: User, made_by: UUID) -> None:
    """End the links that this person had sent to a guest. The caller holds the guest's scope and a transaction."""
    mine = Invitation.objects.filter(user=guest, made_by=made_by, used_at=None, withdrawn_at=None)
    mine.exclude(wrapped_secret=PASSED_ON).update(withdrawn_at=timezone.now())


@transaction.atomic
def guest_issue(*, peer: Peer, login: str, name: str) -> str:
    """Enrolment B for somebody outside: the passphrase, to be passed on by another way. PolicyRefused, LoginInvalid,
    GuestNeedless.

    For whoever has an account already, as a guest or in an organisation, it answers the same and changes nothing:
    they sign in by what they have.
    """
    address = address_check(login)
    if refusal := guests_refusal(peer):
        raise PolicyRefused(f"{refusal}. Nobody was invited; one of its admins can change it.", **guests_rule(peer))
    if not address_mailable(address):
        raise LoginInvalid
    if addresses_reachable(tenant_id=peer.tenant.id, addresses=[address])[address]:
        raise GuestNeedless
    passphrase = passphrase_new()
    keys = password_keys(passphrase)
    guest = _issuable(peer, address, name)
    if guest is not None:
        with scope(tenant=guest.tenant):
            shared_key_store(user=guest, bundle=bundle_of(keys), issued=True)
            guest.state = User.State.ACTIVE
            guest.save(update_fields=["state"])
            now = timezone.now()
            Invitation.objects.create(
                tenant_id=guest.tenant_id, user=guest, made_by=peer.user.id, wrapped_secret=PASSED_ON, expires_at=now
            )
            event_record(tenant_id=guest.tenant_id, actor=None, action="user.issued", subject=guest.id)
    with scope(tenant=peer.tenant):  # the same for everybody: the log of the inviting side tells nobody apart either
        event_record(tenant_id=peer.tenant.id, actor=peer.user, action="guest.issued")
    return passphrase


def _issuable(peer: Peer, address: str, name: str) -> User | None:
    """The guest whom a passphrase may be given: a new one, or one who has not enrolled and whom nobody else invited."""
    index = address_index(address)
    known = addresses_taken([index]).get(index)
    if known is None:
        chains_lock([peer.tenant.id])
        try:
            return guest_create(address=address, name=name)
        except LoginTaken:
            return None
    chains_lock([peer.tenant.id, known.tenant_id])
    if known.tenant.kind != Tenant.Kind.GUEST:
        return None
    with scope(tenant=known.tenant):
        guest = User.objects.select_for_update().select_related("tenant").get(id=known.target)
        made = Invitation.objects.filter(user=guest, made_by__isnull=False).values_list("made_by", flat=True)
        makers = {maker for maker in made if maker}
    with scope(tenant=peer.tenant):
        mine = set(User.objects.filter(id__in=makers).values_list("id", flat=True))
    return guest if guest.state == User.State.INVITED and makers <= mine else None


@transaction.atomic
def guest_prove(*, peer: Peer, invitation: UUID, nonce: bytes, proof: bytes) -> None:
    """A guest who has a key already shows the link that was mailed to their address. InvitationUnknown."""
    row = invitation_check(invitation=invitation, nonce=nonce, proof=proof, lock=True)
    if row.user_id != peer.user.id:
        raise InvitationUnknown
    with scope(tenant=peer.tenant):
        row.used_at = timezone.now()
        row.save(update_fields=["used_at"])
        event_record(tenant_id=peer.tenant.id, actor=peer.user, action="address.proven", subject=row.id)
