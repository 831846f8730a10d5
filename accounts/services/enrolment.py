"""Enrolment A: an invitation, and the one transmission of a shared key (docs/protocol.md, section 6.1)."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.errors import InvitationUnknown, KeyRefused
from accounts.models import EnrolmentKey, Invitation, Tenant, User
from accounts.sealed import tenant_owner
from accounts.selectors import address_index, invitation_find, users_by_id
from accounts.services.event_record import event_record
from accounts.services.shared_key import shared_key_store
from accounts.services.tenant_life import tenant_activate
from accounts.services.user_create import user_add, user_alter
from sealpost.crypto import stream
from sealpost.crypto.encoding import EncodingInvalid
from sealpost.crypto.hkdf import equal
from sealpost.crypto.hpke import key_pair_new
from sealpost.crypto.kdf import parameters_check
from sealpost.errors import DecryptionError, SealpostError
from sealpost.protocol.enrolment import enrolment_open, link_new, view_aad, view_key, view_proof
from vault.services import platform_ring, secret_unwrap, secret_wrap

_PRIVATE, _SECRET = "enrolment-key", "invitation"
_LIFE = timedelta(days=14)
_FIRST = UUID("5ea190c7-0000-4000-8000-000000000001")  # one id, so that two first uses at once make one key


def _enrolment_key() -> EnrolmentKey:
    with scopes_disabled():  # the platform's, of no tenant
        row = EnrolmentKey.objects.order_by("-created_at").first()
        if row is None:
            private, public = key_pair_new()
            owner = platform_ring()
            wrapped = secret_wrap(owner=owner, purpose=_PRIVATE, row=str(_FIRST), secret=private)
            made = {"public": public, "wrapped_private": wrapped}
            row, _ = EnrolmentKey.objects.get_or_create(id=_FIRST, defaults=made)
        return row


def enrolment_key() -> tuple[UUID, bytes]:
    """(id, 32-byte public key) to which enrolments are sealed; made on first use."""
    row = _enrolment_key()
    return row.id, bytes(row.public)


@transaction.atomic
def user_invite(*, tenant: Tenant, login: str, name: str = "", role: str | None = None, by: User | None = None) -> str:
    """Make a user who has no key yet; returns the link's fragment, shown once. LoginTaken, LoginInvalid, NameInvalid.

    For somebody of the tenant who is invited already it makes a new link and withdraws the ones before; name and role
    stay unless they are given. Without a role somebody new is a member.
    """
    with scope(tenant=tenant):
        invited = User.objects.filter(login_index=address_index(login), state=User.State.INVITED)
        user = invited.select_for_update(no_key=True).first()
        if user is None:
            role = role or User.Role.MEMBER
            user = user_add(tenant=tenant, login=login, name=name, role=role, state=User.State.INVITED)
        else:
            user_alter(user=user, name=name, role=role)
        return invitation_create(user=user, by=by).fragment


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation and the fragment of its link, which is shown once."""

    row: Invitation
    fragment: str = field(repr=False)


def invitation_create(*, user: User, by: User | None) -> Invited:
    """A new link for somebody invited; those before are withdrawn. The caller holds scope and transaction."""
    invitations_withdraw(user=user)
    row = Invitation(tenant_id=user.tenant_id, user=user, made_by=by.id if by else None)
    row.expires_at = timezone.now() + _LIFE
    link = link_new(row.id, public_key=enrolment_key()[1])
    owner = tenant_owner(user.tenant_id)
    row.wrapped_secret = secret_wrap(owner=owner, purpose=_SECRET, row=str(row.id), secret=link.secret)
    row.save(force_insert=True)
    details = {"role": user.role}
    event_record(tenant_id=user.tenant_id, actor=by, action="user.invited", subject=user.id, details=details)
    return Invited(row, link.fragment())


def invitations_withdraw(*, user: User) -> int:
    """End the links of somebody invited and destroy their secrets; how many. The caller holds the scope."""
    live = Invitation.objects.filter(user=user, used_at=None, withdrawn_at=None)
    return live.update(withdrawn_at=timezone.now(), wrapped_secret=b"")


def _secret(row: Invitation) -> bytes:
    owner = tenant_owner(row.tenant_id)
    return secret_unwrap(owner=owner, purpose=_SECRET, row=str(row.id), wrapped=row.wrapped_secret)


def invitation_check(*, invitation: UUID, nonce: bytes, proof: bytes, lock: bool = False) -> Invitation:
    """The invitation whose secret the proof was made with. InvitationUnknown."""
    row = invitation_find(invitation, lock=lock)
    if row is None or not equal(view_proof(_secret(row), invitation=invitation, nonce=nonce), proof):
        raise InvitationUnknown
    return row


def _inviting(row: Invitation) -> str:
    """The organisation that invites: the person's own, or for a guest that of whoever sends to them."""
    made_by = row.made_by if row.tenant.kind == Tenant.Kind.GUEST else None
    inviter = users_by_id([made_by]).get(made_by) if made_by else None
    return inviter.tenant.name if inviter else row.tenant.name


def enrolment_view(*, invitation: UUID, nonce: bytes, proof: bytes) -> bytes:
    """The stream that tells the holder of the link who invites whom (step 2). InvitationUnknown."""
    row = invitation_check(invitation=invitation, nonce=nonce, proof=proof)
    secret, user = _secret(row), row.user
    members = {
        "login": user.login,
        "name": user.name,
        "tenant": _inviting(row),
        "expires_at": row.expires_at.isoformat(),
        "enrolled": user.state == User.State.ACTIVE,
    }
    aad = view_aad(invitation=invitation, nonce=nonce)
    return stream.seal(view_key(secret, invitation=invitation), json.dumps(members).encode(), aad=aad)


@transaction.atomic
def enrolment_finish(*, invitation: UUID, key: UUID, sealed: bytes, origin: str) -> str:
    """Take the key bundle of an invited person (step 3); returns the login. InvitationUnknown, KeyRefused."""
    row = invitation_find(invitation, lock=True)
    with scopes_disabled():
        private = EnrolmentKey.objects.filter(id=key).first()
    if row is None or private is None:
        raise InvitationUnknown
    private_key = secret_unwrap(
        owner=platform_ring(), purpose=_PRIVATE, row=str(private.id), wrapped=private.wrapped_private
    )
    try:
        bundle = enrolment_open(
            sealed, private_key=private_key, secret=_secret(row), origin=origin, invitation=invitation, key=key
        )
    except (DecryptionError, EncodingInvalid):
        raise InvitationUnknown from None
    try:
        parameters_check(bundle.parameters, pinned_suite=1)
    except SealpostError as error:
        raise KeyRefused from error
    with scope(tenant=row.tenant):
        user = User.objects.select_for_update().get(id=row.user_id)
        if user.state != User.State.INVITED:  # a guest, by another link of theirs
            raise InvitationUnknown
        shared_key_store(user=user, bundle=bundle, issued=False)
        user.state = User.State.ACTIVE
        user.save(update_fields=["state"])
        tenant_activate(row.tenant)
        row.used_at = timezone.now()
        row.save(update_fields=["used_at"])
        event_record(tenant_id=user.tenant_id, actor=user, action="user.enrolled", subject=user.id)
        return user.login
