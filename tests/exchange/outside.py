"""People outside: the links in their mail, enrolment by them, and the policy that lets them be invited."""

import json
from urllib.parse import urlsplit

from django_scopes import scope, scopes_disabled

from accounts.models import Notification, Tenant, TenantRules
from accounts.services import enrolment_key
from exchange.services import enrolment_complete
from sealpost.crypto.kdf import KdfParameters
from sealpost.protocol.enrolment import InvitationLink, enrolment_seal, link_parse
from sealpost.protocol.keys import password_keys
from tests.accounts.client import ORIGIN, sign_in
from tests.exchange.desk import Desk

PASSWORD = "a password of their own"
CHEAP = KdfParameters(suite=1, m=47104, t=2, p=1)


def policy(tenant: Tenant, **members) -> None:
    """The next version of an organisation's policy."""
    with scope(tenant=tenant):
        version = TenantRules.objects.count() + 1
        TenantRules.objects.create(tenant=tenant, kind="policy", version=version, members=members, changed_by="test")


def mails(event: str, login: str = "") -> list[dict]:
    """What was owed of this event to this login, oldest first."""
    with scopes_disabled():
        rows = Notification.objects.select_related("user").filter(event=event).order_by("created_at")
        found = [(row.address or row.user.login, json.loads(row.context)) for row in rows]
    return [context for to, context in found if not login or to == login]


def link_in(mail: dict) -> InvitationLink:
    """The link of an invitation's mail."""
    return link_parse(urlsplit(mail["link"]).fragment)


def enrol(link: InvitationLink, password: str = PASSWORD) -> str:
    """Choose a password by a link; the login."""
    key, public = enrolment_key()
    sealed = enrolment_seal(password_keys(password, parameters=CHEAP), link, origin=ORIGIN, key=key, public_key=public)
    return enrolment_complete(invitation=link.invitation, key=key, sealed=sealed, origin=ORIGIN)


def guest(login: str, password: str = PASSWORD) -> Desk:
    """A guest who has a key, signed in."""
    return Desk(sign_in(login, password).peer())
