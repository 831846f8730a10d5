"""Inviting people into an organisation: by a link, or with a passphrase that is handed over."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django_scopes import scope

from accounts.actor import admin_of
from accounts.errors import NotFound
from accounts.models import Invitation, User
from accounts.peer import Peer
from accounts.rules import policy_of
from accounts.services.enrolment import Invited, invitation_create, user_invite
from accounts.services.notification import notify
from accounts.services.tenant_life import tenant_open_check
from accounts.services.user_create import Issued, Kind, user_issue
from sealpost.protocol.enrolment import link_parse


@transaction.atomic
def person_invite(*, peer: Peer, login: str, name: str, role: str, origin: str) -> dict[str, Any]:
    """Invite somebody by a link, which goes to them by mail and is shown to the admin once.

    For somebody invited already there is a new link, and those before are withdrawn. Raises RoleForbidden,
    TenantClosing, LoginInvalid, LoginTaken, NameInvalid, QuotaExceeded.
    """
    admin_of(peer)
    tenant_open_check(peer)
    fragment = user_invite(tenant=peer.tenant, login=login, name=name, role=role, by=peer.user)
    with scope(tenant=peer.tenant):
        row = Invitation.objects.select_related("user").get(id=link_parse(fragment).invitation)
        return _told(peer, Invited(row, fragment), origin)


@transaction.atomic
def invitation_resend(*, peer: Peer, user_id: UUID, origin: str) -> dict[str, Any]:
    """A new link for somebody who has not enrolled; those before are withdrawn. RoleForbidden, NotFound."""
    admin_of(peer)
    with scope(tenant=peer.tenant):
        user = User.objects.select_for_update(no_key=True).filter(id=user_id, state=User.State.INVITED).first()
        if user is None:
            raise NotFound
        return _told(peer, invitation_create(user=user, by=peer.user), origin)


def _told(peer: Peer, invited: Invited, origin: str) -> dict[str, Any]:
    """What the admin sees once, and the mail that is owed."""
    row, link = invited.row, f"{origin}/enrol#{invited.fragment}"
    context = {"link": link, "until": row.expires_at.date().isoformat()}
    if policy_of(peer.tenant.id).organisation_in_mail:
        context["organisation"] = peer.tenant.name
    key, login = f"invitation:{row.id}", row.user.login
    notify(event="invitation", tenant=peer.tenant, key=key, address=login, context=context)
    return {"person": str(row.user_id), "login": login, "link": link, "expires_at": row.expires_at.isoformat()}


def person_issue(*, peer: Peer, login: str, name: str, role: str, kind: Kind) -> Issued:
    """Somebody new, or a partner system, with a passphrase or secret that is shown once (enrolment B).

    RoleForbidden, TenantClosing, LoginInvalid, LoginTaken, NameInvalid, QuotaExceeded.
    """
    admin_of(peer)
    tenant_open_check(peer)
    return user_issue(tenant=peer.tenant, login=login, name=name, role=role, kind=kind, by=peer.user)
